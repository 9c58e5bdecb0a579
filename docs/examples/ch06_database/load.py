"""Load rows, with those that belong to them."""

from rooms import reflect

from twisted.enterprise.reflector import EQUAL, GREATERTHAN
from twisted.internet import task

reflector = reflect()


def gotRooms(rooms):
    for room in rooms:
        print(room.name, "has", ", ".join(stuff.name for stuff in room.furniture))


def main(reactor):
    where = [("town_id", EQUAL, 20), ("width", GREATERTHAN, 25)]
    return reflector.loadObjectsFrom("testrooms", whereClause=where).addCallback(gotRooms)


if __name__ == "__main__":
    task.react(main)
