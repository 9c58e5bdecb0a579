"""The reporters of trial, as another program adds one: an object here for each.

A plugin for `twisted.trial.itrial.IReporter` is not itself a reporter.  It names one, and trial
imports that only if it is asked for.
"""

from __future__ import annotations

from zope.interface import directlyProvides

from twisted.plugin import IPlugin
from twisted.trial.itrial import IReporter

__all__ = [
    "bwverbose",
    "junit",
    "minimal",
    "subunit",
    "summary",
    "text",
    "timing",
    "tree",
    "verbose",
]


class _Reporter:
    """A reporter that can be chosen.

    Attributes:
        longOpt: what to write after ``--reporter``.
        shortOpt: not used, as no reporter has an option of its own.
        description: a line about it.
        module, klass: where its class is.
        name: its name in full.
    """

    shortOpt = None
    module = "twisted.trial.reporter"

    def __init__(self, longOpt: str, klass: str, description: str) -> None:
        self.longOpt = longOpt
        self.klass = klass
        self.description = description
        self.name = f"{description} ({longOpt})"
        # Promised for the class that is named here, and so not declared for this one.
        directlyProvides(self, IPlugin, IReporter)


verbose = _Reporter("verbose", "TreeReporter", "a tree, in colours (the default)")
tree = _Reporter("tree", "TreeReporter", "another name of verbose")
bwverbose = _Reporter("bwverbose", "VerboseTextReporter", "a line for each test, without colours")
text = _Reporter("text", "TextReporter", "a letter for each test")
timing = _Reporter("timing", "TimingTextReporter", "a line for each test, with its seconds")
minimal = _Reporter("minimal", "MinimalReporter", "one line of figures at the end")
summary = _Reporter("summary", "MinimalReporter", "another name of minimal")
subunit = _Reporter("subunit", "SubunitReporter", "for programs: subunit, version 1")
junit = _Reporter("junit", "JUnitReporter", "for programs: XML as JUnit has it; see --junit, too")
