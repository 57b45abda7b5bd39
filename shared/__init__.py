"""The protocol: everything that crosses a wire, and what both services stand on."""
