"""Who may vote. Never sees a ballot."""
