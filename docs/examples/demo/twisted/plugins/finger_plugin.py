"""The finger server as a command of twistd; what it needs is loaded when it is chosen."""

from twisted.application.service import ServiceMaker

finger = ServiceMaker("Finger", "finger", "Tell how users are, on port 1079.", "finger")
