"""What programs know of the inside of `twisted.internet.ssl`: a name that Scrapy derives from."""

from twisted.internet.ssl._hostnames import ClientTLSOptions

__all__ = ["ClientTLSOptions"]
