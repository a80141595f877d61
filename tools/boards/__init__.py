"""Look boards: a look as one picture, garments lifted off their backgrounds, laid out, named and priced.

`compose` draws it of values alone; `shelf` promises, names and keeps boards; `draw` reads from the shop what is on
one.
"""
