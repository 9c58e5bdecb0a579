"""The quotes as a command of twistd; TwistedQuotes/plugins.tml is how it was done before."""

from twisted.application.service import ServiceMaker

qotd = ServiceMaker("TwistedQuotes", "TwistedQuotes.quotetap", "A quote for whoever asks.", "qotd")
