"""What the reactor of this platform can do."""

from twisted.internet import interfaces, reactor

for name in sorted(vars(interfaces)):
    if name.startswith("IReactor") and getattr(interfaces, name).providedBy(reactor):
        print(name)
