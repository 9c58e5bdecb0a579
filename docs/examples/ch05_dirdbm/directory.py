"""A directory that is used as a dictionary.

python directory.py [directory]     a new one by default
"""

import sys
import tempfile

from twisted.persisted import dirdbm


def main(directory):
    d = dirdbm.DirDBM(directory)
    d[b"librarian"] = b"ook"
    print(d[b"librarian"])
    print(d.keys())
    del d[b"librarian"]
    print(d.items())


if __name__ == "__main__":
    main(*(sys.argv[1:] or [tempfile.mkdtemp()]))
