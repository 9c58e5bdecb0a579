"""A directory that is used as a dictionary of objects.

python shelf.py [directory]     a new one by default
"""

import sys
import tempfile

from twisted.persisted import dirdbm


def main(directory):
    d = dirdbm.Shelf(directory)
    d[b"key"] = [1, 2]
    print(d[b"key"])
    value = d[b"key"]
    value.append(3)
    print(d[b"key"])
    d[b"key"] = value
    print(d[b"key"])


if __name__ == "__main__":
    main(*(sys.argv[1:] or [tempfile.mkdtemp()]))
