"""The reactor on Windows' I/O completion ports; chapter 3.9.4."""

from twisted.internet.iocpreactor.reactor import IOCPReactor as IOCPReactor
from twisted.internet.iocpreactor.reactor import install as install

__all__ = ["IOCPReactor", "install"]
