"""The shop as an MCP server: what any assistant may look up, look at and, once a person agreed, put into a cart."""
