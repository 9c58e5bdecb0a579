"""``twistd web``, and ``twist web``."""

from __future__ import annotations

from twisted.application.service import ServiceMaker

__all__ = ["TwistedWeb"]

TwistedWeb = ServiceMaker(
    "Twisted Web",
    "twisted.web.tap",
    "A general-purpose web server which can serve from a filesystem or application resource.",
    "web",
)
