"""Dialog scripts: conversations with what must hold after each turn, written as data and held by gates on events."""
