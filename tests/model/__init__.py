"""An explicit-state model of issuance, casting, closing and cancellation: every interleaving is explored."""
