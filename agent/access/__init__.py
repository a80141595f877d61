"""Who may talk to a shop over the network, and as whom."""
