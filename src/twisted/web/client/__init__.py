"""Clients of the web: agents, and the short ways.

`request` does what most programs want. An `Agent` and those around it (`RedirectAgent`,
`CookieAgent`, `ContentDecoderAgent`, `ProxyAgent`) can be combined as one likes. `getPage` and
`downloadPage` are the oldest.
"""

from twisted.web.client._agent import Agent as Agent
from twisted.web.client._agent import ProxyAgent as ProxyAgent
from twisted.web.client._answers import ClientResponse as ClientResponse
from twisted.web.client._bodies import FileBodyProducer as FileBodyProducer
from twisted.web.client._cookies import BrowserCookieJar as BrowserCookieJar
from twisted.web.client._cookies import BrowserCookiePolicy as BrowserCookiePolicy
from twisted.web.client._cookies import CookieAgent as CookieAgent
from twisted.web.client._decoding import ContentDecoderAgent as ContentDecoderAgent
from twisted.web.client._decoding import GzipDecoder as GzipDecoder
from twisted.web.client._errors import BodyTooLong as BodyTooLong
from twisted.web.client._errors import ExcessWrite as ExcessWrite
from twisted.web.client._errors import PartialDownloadError as PartialDownloadError
from twisted.web.client._errors import RequestGenerationFailed as RequestGenerationFailed
from twisted.web.client._errors import RequestNotSent as RequestNotSent
from twisted.web.client._errors import RequestTransmissionFailed as RequestTransmissionFailed
from twisted.web.client._errors import ResponseDone as ResponseDone
from twisted.web.client._errors import ResponseFailed as ResponseFailed
from twisted.web.client._errors import ResponseNeverReceived as ResponseNeverReceived
from twisted.web.client._errors import WrongBodyLength as WrongBodyLength
from twisted.web.client._pages import HTTPClientFactory as HTTPClientFactory
from twisted.web.client._pages import HTTPDownloader as HTTPDownloader
from twisted.web.client._pages import HTTPPageDownloader as HTTPPageDownloader
from twisted.web.client._pages import HTTPPageGetter as HTTPPageGetter
from twisted.web.client._pages import downloadPage as downloadPage
from twisted.web.client._pages import getPage as getPage
from twisted.web.client._policies import BrowserLikePolicyForHTTPS as BrowserLikePolicyForHTTPS
from twisted.web.client._policies import HostnameCachingHTTPSPolicy as HostnameCachingHTTPSPolicy
from twisted.web.client._policies import _StandardEndpointFactory as _StandardEndpointFactory
from twisted.web.client._pool import HTTPConnectionPool as HTTPConnectionPool
from twisted.web.client._pool import _HTTP11ClientFactory as _HTTP11ClientFactory
from twisted.web.client._redirects import BrowserLikeRedirectAgent as BrowserLikeRedirectAgent
from twisted.web.client._redirects import RedirectAgent as RedirectAgent
from twisted.web.client._response import Response as Response
from twisted.web.client._response import readBody as readBody
from twisted.web.client._session import RequestArguments as RequestArguments
from twisted.web.client._session import Session as Session
from twisted.web.client._session import defaultSession as defaultSession
from twisted.web.client._session import request as request
from twisted.web.client._tunnel import TunnelRefused as TunnelRefused
from twisted.web.client._uris import URI as URI
from twisted.web.iweb import UNKNOWN_LENGTH as UNKNOWN_LENGTH
from twisted.web.iweb import IAgent as IAgent
from twisted.web.iweb import IAgentEndpointFactory as IAgentEndpointFactory
from twisted.web.iweb import IBodyProducer as IBodyProducer
from twisted.web.iweb import IPolicyForHTTPS as IPolicyForHTTPS
from twisted.web.iweb import IResponse as IResponse

__all__ = [
    "Agent",
    "BodyTooLong",
    "BrowserCookieJar",
    "BrowserCookiePolicy",
    "BrowserLikePolicyForHTTPS",
    "BrowserLikeRedirectAgent",
    "ClientResponse",
    "ContentDecoderAgent",
    "CookieAgent",
    "ExcessWrite",
    "FileBodyProducer",
    "GzipDecoder",
    "HTTPClientFactory",
    "HTTPConnectionPool",
    "HTTPDownloader",
    "HTTPPageDownloader",
    "HTTPPageGetter",
    "HostnameCachingHTTPSPolicy",
    "IAgent",
    "IAgentEndpointFactory",
    "IBodyProducer",
    "IPolicyForHTTPS",
    "IResponse",
    "PartialDownloadError",
    "ProxyAgent",
    "RedirectAgent",
    "RequestArguments",
    "RequestGenerationFailed",
    "RequestNotSent",
    "RequestTransmissionFailed",
    "Response",
    "ResponseDone",
    "ResponseFailed",
    "ResponseNeverReceived",
    "Session",
    "TunnelRefused",
    "UNKNOWN_LENGTH",
    "URI",
    "WrongBodyLength",
    "defaultSession",
    "downloadPage",
    "getPage",
    "readBody",
    "request",
]
