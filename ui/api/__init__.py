"""The HTTP API of the shops: the same conversation as the browser chat, for pages and servers of the shop's own."""
