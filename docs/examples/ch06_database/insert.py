"""Make a row, and insert it."""

from rooms import RoomRow, reflect

from twisted.internet import task

reflector = reflect()


def onInsert(result):
    return reflector.loadObjectsFrom("testrooms").addCallback(print)


def main(reactor):
    newRoom = RoomRow()
    newRoom.assignKeyAttr("roomId", 11)
    newRoom.town_id = 20
    newRoom.name = "newRoom1"
    newRoom.owner = "fred"
    newRoom.posx = 100
    newRoom.posy = 100
    newRoom.width = 15
    newRoom.height = 20
    return reflector.insertRow(newRoom).addCallback(onInsert)


if __name__ == "__main__":
    task.react(main)
