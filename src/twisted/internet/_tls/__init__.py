"""TLS below the reactor's transports: an engine that moves no bytes itself, and its glue.

`_engine` is the state of one connection as a table, over a back-end (`_openssl`, or
`_stdlib` for an `ssl.SSLContext`) that encrypts in memory; `_layer` puts an engine between
a transport and a protocol; `_secured` is that for the reactor's own transports.
"""
