"""People of the shop take over a conversation, with all that was said and shown in it."""
