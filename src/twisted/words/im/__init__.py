"""The Instance Messenger: conversations over several protocols, in one place.

An *account* (`ircsupport`, `pbsupport`, `tocsupport`) says who one is at a server. Logged on, it
has a *client*: the connection. *Persons* and *groups* belong to accounts; a *conversation* is what
is shown of one. What shows them is a `basechat.ChatUI`: `terminal` is one, and `tkchat` another.

``python -m twisted.words.im`` runs it in a terminal, and ``python -m twisted.words.im.tkchat`` in a
window.
"""
