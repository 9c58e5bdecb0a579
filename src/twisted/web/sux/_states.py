"""The states of the parser, and what it takes many characters of at a time."""

from __future__ import annotations

import re
from typing import Final

__name__ = "twisted.web.sux"

#: Which states may follow a state.
TRANSITIONS: Final[dict[str, frozenset[str]]] = {
    state: frozenset(following.split())
    for state, following in {
        "begin": "tagstart bodydata entityref",
        "tagstart": "attrs afterslash waitforgt comment expectcdata doctype begin bodydata"
        " spacebodydata",
        "attrs": "attrname afterslash tagstart bodydata spacebodydata",
        "attrname": "beforeeq beforeattrval attrs afterslash bodydata spacebodydata",
        "beforeeq": "beforeattrval attrs attrname tagstart afterslash bodydata spacebodydata",
        "beforeattrval": "attrval messyattr bodydata spacebodydata",
        "attrval": "attrs",
        "messyattr": "attrs bodydata spacebodydata",
        "afterslash": "attrs attrname tagstart bodydata spacebodydata",
        "waitforgt": "begin bodydata spacebodydata",
        "comment": "begin bodydata spacebodydata",
        "expectcdata": "cdata waitforgt begin bodydata spacebodydata",
        "cdata": "bodydata spacebodydata",
        "doctype": "begin bodydata",
        "bodydata": "tagstart entityref",
        "entityref": "bodydata unentity tagstart",
        "unentity": "tagstart entityref",
        "spacebodydata": "waitscriptendtag waitforendscript",
        "waitforendscript": "waitscriptendtag",
        "waitscriptendtag": "waitforendscript waitforgt comment cdata bodydata",
    }.items()
}

_TEXT = re.compile("[^<&]+")
RUNS: Final = {
    "bodydata": _TEXT,
    "unentity": _TEXT,
    "waitforendscript": re.compile("[^<]+"),
    "comment": re.compile("[^>]+"),
    "cdata": re.compile("[^>]+"),
    'attrval"': re.compile('[^"]+'),
    "attrval'": re.compile("[^']+"),
}
