"""What writing a page costs, for whichever `twisted` the interpreter has.

The page is a table of a thousand rows, with text to escape, an attribute and a link in each: of a
template in XML, or of tags that the program makes. Parsing is of the page that comes out. As a
program, prints the name of each case and its rows per second of processor time, as JSON:

    .venv/bin/python benchmarks/template_cases.py [seconds per case] [name ...]
"""

import os
import sys
import warnings

# The harness keeps this folder off the path, on which there might be another `twisted`.
sys.path.append(os.path.dirname(__file__))
import timing

from twisted.web.template import Element, TagLoader, XMLString, flattenString, renderer, tags

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # the peer's is deprecated
    from twisted.web import microdom

ROWS = 1000


class Page(Element):
    """A table of a template."""

    loader = XMLString("""\
<html xmlns:t="http://twistedmatrix.com/ns/twisted.web.template/0.1">
<head><title>Users</title></head>
<body><table><tr t:render="rows">
  <td class="name"><t:slot name="name"/></td>
  <td><a><t:attr name="href">/users/<t:slot name="id"/></t:attr>more</a></td>
  <td t:render="status">?</td>
</tr></table></body></html>""")

    @renderer
    def rows(self, request, tag):
        for number in range(ROWS):
            yield tag.clone().fillSlots(name=f"User <{number}>", id=str(number))

    @renderer
    def status(self, request, tag):
        return tag.clear()("well & up")


class MadePage(Element):
    """A table of tags."""

    loader = TagLoader(tags.html(tags.body(tags.table(render="rows"))))

    @renderer
    def rows(self, request, tag):
        for number in range(ROWS):
            yield tags.tr(
                tags.td(f"User <{number}>", class_="name"),
                tags.td(tags.a("more", href=f"/users/{number}")),
                tags.td("well & up"),
            )


def _written(page):
    pages = []
    flattenString(None, page).addCallback(pages.append)
    return pages[0]


def flatten(rounds):
    """Rows of a template."""
    for _ in range(rounds // ROWS):
        _written(Page())


def flattenTags(rounds):
    """Rows of tags."""
    for _ in range(rounds // ROWS):
        _written(MadePage())


def parse(rounds):
    """Rows of a page that `microdom` parses."""
    page = _written(Page())
    for _ in range(rounds // ROWS):
        microdom.parseString(page)


CASES = {case.__name__: case for case in (flatten, flattenTags, parse)}


if __name__ == "__main__":
    timing.main(CASES, timing.measure_cpu)
