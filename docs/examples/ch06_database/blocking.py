"""A database as its driver has it: every line waits, and so would the reactor."""

import sqlite3

db = sqlite3.connect(":memory:")
cursor = db.cursor()
cursor.execute("CREATE TABLE users (name TEXT, age INTEGER)")
cursor.execute("INSERT INTO users VALUES (?, ?)", ("joe", 25))
db.commit()

resultset = cursor.execute("SELECT age FROM users WHERE name = ?", ("joe",)).fetchall()
print(resultset)
