"""Models of the `transformers` hub in the seats of the embedded ones. Nothing heavy is imported before first use."""
