"""Change a row: at once, or by a statement for later."""

from rooms import reflect

from twisted.internet import task

reflector = reflect()


async def main(reactor):
    (room,) = await reflector.loadObjectsFrom("testrooms")
    room.owner = "O'Hara"
    print("dirty:", room.dirty)
    await reflector.updateRow(room)
    print("dirty:", room.dirty)

    room.posx = 7
    updateSQL = reflector.updateRowSQL(room)
    print(updateSQL.sql, updateSQL.parameters)
    await reflector.runStatements([updateSQL])
    print(await reflector.dbpool.runQuery("SELECT owner, posx FROM testrooms"))


if __name__ == "__main__":
    task.react(main)
