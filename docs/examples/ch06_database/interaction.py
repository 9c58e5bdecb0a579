"""Several statements in one transaction. Takes a name: python interaction.py joe."""

import sys

from people import connect

from twisted.internet import task

dbpool = connect()


def _getAge(txn, user):
    # this will run in a thread, we can use blocking calls
    txn.execute("SELECT * FROM foo")
    # ... other cursor commands called on txn ...
    txn.execute("SELECT age FROM users WHERE name = ?", (user,))
    result = txn.fetchall()
    if result:
        return result[0][0]
    else:
        return None


def getAge(user):
    return dbpool.runInteraction(_getAge, user)


def printResult(age):
    if age is not None:
        print(age, "years old")
    else:
        print("No such user")


def main(reactor, user):
    return getAge(user).addCallback(printResult)


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
