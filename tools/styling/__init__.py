"""The stylist: what goes together and why (score), and the looks built on it."""
