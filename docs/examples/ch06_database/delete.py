"""Delete a row. The object stays."""

from rooms import reflect

from twisted.internet import task

reflector = reflect()


async def main(reactor):
    (room,) = await reflector.loadObjectsFrom("testrooms")
    await reflector.deleteRow(room)
    print(await reflector.loadObjectsFrom("testrooms"), room.name)


if __name__ == "__main__":
    task.react(main)
