"""Go through many rows, of which few are in memory at once."""

from people import connect

from twisted.internet import task

dbpool = connect()

NUMBERS = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
    SELECT n FROM numbers"""


async def main(reactor):
    total = 0
    async for (number,) in dbpool.streamQuery(NUMBERS, (100_000,), size=5000):
        total += number
    print(total)


if __name__ == "__main__":
    task.react(main)
