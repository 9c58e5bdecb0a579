"""Ask a database how old somebody is. Takes a name: python query.py joe."""

import sys

from people import connect

from twisted.internet import task

dbpool = connect()


# equivalent of cursor.execute(statement), return cursor.fetchall():
def getAge(user):
    return dbpool.runQuery("SELECT age FROM users WHERE name = ?", (user,))


def printResult(rows):
    if rows:
        print(rows[0][0], "years old")
    else:
        print("No such user")


def main(reactor, user):
    return getAge(user).addCallback(printResult)


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
