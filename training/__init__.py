"""Makes the weights in perception/weights. Not a room of the house: the application never imports it."""
