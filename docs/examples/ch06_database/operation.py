"""A statement without rows, and what becomes of one that is wrong."""

from people import connect

from twisted.internet import task

dbpool = connect()


async def main(reactor):
    await dbpool.runOperation("UPDATE users SET age = age + 1 WHERE name = ?", ("joe",))
    print(await dbpool.runQuery("SELECT name, age FROM users ORDER BY name"))
    try:
        await dbpool.runOperation("UPDATE nobody SET age = ?", (5,))
    except Exception as error:
        print(error, *error.__notes__)


if __name__ == "__main__":
    task.react(main)
