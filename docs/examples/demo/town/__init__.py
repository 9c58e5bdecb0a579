"""How people are: one list of users in a database, and a server for each way to ask for it.

`users` is the list, and knows nothing of protocols; `finger`, `pages`, `calls` and `chat` each serve
it in one way; `service` puts them together, and is the command of twistd.
"""
