"""Fails to be imported where Twisted's own files lie among these: neither would work.

Installers know the two by different names, and so put one over the other without a word.  Whichever
`twisted/__init__.py` came last, what most programs import first leads here; and one look for a file
that only the other one has is enough.
"""

import os
import sys

_HERE = os.path.dirname(os.path.abspath(__file__))

# A module there, a package here.
if os.path.exists(os.path.join(_HERE, "internet", "defer.py")):
    raise ImportError(
        f"Twisted and Torsion are installed over each other in {_HERE}: run "
        f"`{sys.executable} -m pip uninstall --yes Twisted torsion`, and then install the one that "
        f"is wanted"
    )
