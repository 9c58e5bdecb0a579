"""The command `twistd pbqotd`, for whoever has this folder and ch02_quotes in PYTHONPATH."""

from twisted.application.service import ServiceMaker

pbqotd = ServiceMaker("TwistedQuotes by PB", "quotetap2", "A quote, by PB as well.", "pbqotd")
