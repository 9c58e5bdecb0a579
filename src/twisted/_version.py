"""The version of the API that this tree provides.

Programs ask ``twisted.version`` whether a feature is there, so it names the
release whose API is provided.  The version of this distribution is that of
``torsion`` in the installed metadata.
"""

from incremental import Version

__version__ = Version("Twisted", 26, 10, 0)
