"""Sphinx: the chapters in Markdown, and a reference made from the source by `_reference`."""

import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

project = "Torsion"
author = "The Torsion developers"
copyright = author
extensions = ["myst_parser", "_reference"]
exclude_patterns = ["_build", "examples"]
html_theme = "alabaster"
html_theme_options = {
    "description": "An event-driven networking engine",
    "fixed_sidebar": True,
    "page_width": "1100px",
}
html_show_copyright = False
python_maximum_signature_line_length = 90
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
# A chapter may name a file of the tree (an example, say), which the pages do not contain; and a
# type in a signature may have a name that several modules have, of which the link leads to one.
suppress_warnings = ["myst.xref_missing", "ref.python"]
