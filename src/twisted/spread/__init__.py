"""Twisted Spread: objects that talk to objects elsewhere.

Three layers: `banana` carries lists of simple elements, `jelly` makes such lists of objects, and
`pb` calls methods of objects at the other end of a connection.
"""
