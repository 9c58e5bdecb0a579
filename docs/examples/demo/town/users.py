"""Who is known, how they are, and how they were: in a database of SQLite."""

from pathlib import Path

from twisted.enterprise import adbapi

# The longest that anybody may say of himself, in characters: a line of every protocol holds it.
LONGEST = 300
# So many of what one has said are remembered.
REMEMBERED = 100

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
CREATE TABLE IF NOT EXISTS statuses (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    text TEXT NOT NULL,
    since TEXT NOT NULL DEFAULT CURRENT_TIMESTAMP,
    told_by TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS statuses_of ON statuses (name, id);
"""
EVERYBODY = """
SELECT users.name, latest.text, latest.since
FROM users
JOIN (SELECT name, MAX(id) AS id FROM statuses GROUP BY name) AS last ON last.name = users.name
JOIN statuses AS latest ON latest.id = last.id
ORDER BY users.id
"""
LATEST = "SELECT text FROM statuses WHERE name = ? ORDER BY id DESC LIMIT 1"
HISTORY = "SELECT text, since, told_by FROM statuses WHERE name = ? ORDER BY id DESC"
KNOWN = "SELECT 1 FROM users WHERE name = ?"
ADD = "INSERT OR IGNORE INTO users (name) VALUES (?)"
INSERT = "INSERT INTO statuses (name, text, told_by) VALUES (?, ?, ?)"
FORGET = """
DELETE FROM statuses WHERE name = ? AND id NOT IN
(SELECT id FROM statuses WHERE name = ? ORDER BY id DESC LIMIT ?)
"""


class BadStatus(ValueError):
    """That cannot be said of anybody; the text says why."""


class NoSuchUser(LookupError):
    """Nobody of that name is known."""


class Users:
    """
    The users. What one is told is kept, with what one was told before.

    Whoever wants to know of changes puts a function into `watchers`; it is called with a name and
    a text. Methods are coroutines.

    Args:
        path: the file of the database; None to keep it in memory.
        known: names and texts of users who are to be there.
    """

    def __init__(self, path, known):
        self.watchers = []
        self.known = known
        # One thread: SQLite writes for one at a time, and in memory there is one connection.
        self.pool = adbapi.ConnectionPool(
            "sqlite3",
            ":memory:" if path is None else str(path),
            check_same_thread=False,
            cp_min=1,
            cp_max=1,
            cp_openfun=self.prepare,
        )

    def prepare(self, connection):
        """Make the tables, in the thread of the connection, and add who is not there."""
        connection.executescript(SCHEMA)
        for name, text in self.known.items():
            connection.execute(ADD, (name,))
            if connection.execute(LATEST, (name,)).fetchone() is None:
                connection.execute(INSERT, (name, text, "the file of users"))
        connection.commit()

    async def everybody(self):
        """Name, text and time of each, in the order in which they came."""
        return await self.pool.runQuery(EVERYBODY)

    async def status(self, name):
        """How someone is. Raises NoSuchUser."""
        rows = await self.pool.runQuery(LATEST, (checkName(name),))
        if not rows:
            raise NoSuchUser(name)
        return rows[0][0]

    async def history(self, name):
        """Text, time and source of all that was said of someone, the latest first."""
        rows = await self.pool.runQuery(HISTORY, (checkName(name),))
        if not rows:
            raise NoSuchUser(name)
        return rows

    async def tell(self, name, text, source):
        """Someone is like that now. Raises NoSuchUser, or BadStatus."""
        name, text = checkName(name), checkStatus(text)
        await self.pool.runInteraction(self._tell, name, text, source)
        for watcher in self.watchers:
            watcher(name, text)

    def _tell(self, transaction, name, text, source):
        transaction.execute(KNOWN, (name,))
        if transaction.fetchone() is None:
            raise NoSuchUser(name)
        transaction.execute(INSERT, (name, text, source))
        transaction.execute(FORGET, (name, name, REMEMBERED))


def checkName(name):
    """A name that somebody may have; programs send anything. Raises NoSuchUser."""
    if not isinstance(name, str) or not name.isprintable():
        raise NoSuchUser(name)
    return name


def checkStatus(text):
    """A text as it can be shown by every protocol. Raises BadStatus."""
    if not isinstance(text, str):
        raise BadStatus("it is not text")
    text = text.strip()
    if not text:
        raise BadStatus("there is nothing in it")
    if len(text) > LONGEST:
        raise BadStatus(f"it has {len(text)} characters, and {LONGEST} are the most")
    if not text.isprintable():
        raise BadStatus("there are characters in it that cannot be printed")
    return text


def readUsers(path):
    """The users of a file. Raises OSError, or ValueError if it makes no sense somewhere."""
    users = {}
    for number, raw in enumerate(Path(path).read_bytes().splitlines(), 1):
        try:
            line = raw.decode("utf-8-sig" if number == 1 else "utf-8").strip()
            if line and not line.startswith("#"):
                name, status = readUser(line)
                if name in users:
                    raise ValueError(f"{name} has a line already")
                users[name] = status
        except UnicodeDecodeError:
            raise ValueError(f"{path}, line {number}: this is not UTF-8") from None
        except ValueError as error:
            raise ValueError(f"{path}, line {number}: {error}") from None
    if not users:
        raise ValueError(f"{path}: there is no user in it")
    return users


def readUser(line):
    """The name and what there is to say, from a line that has both."""
    name, colon, status = line.partition(":")
    name, status = " ".join(name.split()), status.strip()
    if not colon or not name or not status:
        raise ValueError("this is not of the form 'name: what there is to say'")
    if "@" in name or "=" in name:
        raise ValueError("nobody can ask for a name with an @ or a = in it")
    if not name.isprintable():
        raise ValueError("there are characters that cannot be printed")
    return name, checkStatus(status)
