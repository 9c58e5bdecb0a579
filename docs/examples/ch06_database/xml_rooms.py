"""Rows in files of XML. Takes a directory: python xml_rooms.py /tmp/rooms."""

import sys

from rooms import FurnitureRow, RoomRow

from twisted.enterprise.xmlreflector import XMLReflector
from twisted.internet import task


async def main(reactor, directory):
    reflector = XMLReflector(directory, [RoomRow, FurnitureRow])
    room = RoomRow()
    room.assignKeyAttr("roomId", 12)
    room.town_id, room.name, room.owner = 20, "<cellar>", None
    room.posx, room.posy, room.width, room.height = 0, 0, 5, 5
    await reflector.insertRow(room)
    for found in await reflector.loadObjectsFrom("testrooms"):
        print(found.name, found.owner, found.width)


if __name__ == "__main__":
    task.react(main, sys.argv[1:])
