"""The server as a command of twistd; what it needs is loaded when it is chosen."""

from twisted.application.service import ServiceMaker

finger = ServiceMaker("Finger", "town.service", "Tell how users are, in five ways.", "finger")
