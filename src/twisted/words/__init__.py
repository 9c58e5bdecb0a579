"""Chat: a server that IRC clients and Perspective Broker programs share, and the protocols of chat.

`service` is the server, `tap` runs it as ``twistd words``, and `protocols` has what goes over the
wire.  `iwords` says what the parts of a server are to each other.
"""
