"""HTTP/1.1: what a server and its requests are made of.

`twisted.web.server` has a `Site`, which serves resources; this is what it stands on.
`Limits` and `HTTP2Limits` are what a client may send.
"""

from twisted.web._limits import HTTP2Limits as HTTP2Limits
from twisted.web._limits import Limits as Limits
from twisted.web.http._accesslog import combinedLogFormatter as combinedLogFormatter
from twisted.web.http._accesslog import jsonLogFormatter as jsonLogFormatter
from twisted.web.http._channel import HTTPChannel as HTTPChannel
from twisted.web.http._client import HTTPClient as HTTPClient
from twisted.web.http._client import PotentialDataLoss as PotentialDataLoss
from twisted.web.http._client import StringTransport as StringTransport
from twisted.web.http._client import _DataLoss as _DataLoss
from twisted.web.http._dates import datetimeToLogString as datetimeToLogString
from twisted.web.http._dates import datetimeToString as datetimeToString
from twisted.web.http._dates import stringToDatetime as stringToDatetime
from twisted.web.http._dates import timegm as timegm
from twisted.web.http._factory import H2_ENABLED as H2_ENABLED
from twisted.web.http._factory import HTTPFactory as HTTPFactory
from twisted.web.http._parsing import fromChunk as fromChunk
from twisted.web.http._parsing import parse_qs as parse_qs
from twisted.web.http._parsing import parseContentRange as parseContentRange
from twisted.web.http._parsing import toChunk as toChunk
from twisted.web.http._parsing import urlparse as urlparse
from twisted.web.http._request import Request as Request
from twisted.web.http._statuses import ACCEPTED as ACCEPTED
from twisted.web.http._statuses import BAD_GATEWAY as BAD_GATEWAY
from twisted.web.http._statuses import BAD_REQUEST as BAD_REQUEST
from twisted.web.http._statuses import CACHED as CACHED
from twisted.web.http._statuses import CONFLICT as CONFLICT
from twisted.web.http._statuses import CREATED as CREATED
from twisted.web.http._statuses import EXPECTATION_FAILED as EXPECTATION_FAILED
from twisted.web.http._statuses import FORBIDDEN as FORBIDDEN
from twisted.web.http._statuses import FOUND as FOUND
from twisted.web.http._statuses import GATEWAY_TIMEOUT as GATEWAY_TIMEOUT
from twisted.web.http._statuses import GONE as GONE
from twisted.web.http._statuses import HTTP_VERSION_NOT_SUPPORTED as HTTP_VERSION_NOT_SUPPORTED
from twisted.web.http._statuses import IM_A_TEAPOT as IM_A_TEAPOT
from twisted.web.http._statuses import INSUFFICIENT_STORAGE_SPACE as INSUFFICIENT_STORAGE_SPACE
from twisted.web.http._statuses import INTERNAL_SERVER_ERROR as INTERNAL_SERVER_ERROR
from twisted.web.http._statuses import LENGTH_REQUIRED as LENGTH_REQUIRED
from twisted.web.http._statuses import MOVED_PERMANENTLY as MOVED_PERMANENTLY
from twisted.web.http._statuses import MULTI_STATUS as MULTI_STATUS
from twisted.web.http._statuses import MULTIPLE_CHOICE as MULTIPLE_CHOICE
from twisted.web.http._statuses import NO_BODY_CODES as NO_BODY_CODES
from twisted.web.http._statuses import NO_CONTENT as NO_CONTENT
from twisted.web.http._statuses import (
    NON_AUTHORITATIVE_INFORMATION as NON_AUTHORITATIVE_INFORMATION,
)
from twisted.web.http._statuses import NOT_ACCEPTABLE as NOT_ACCEPTABLE
from twisted.web.http._statuses import NOT_ALLOWED as NOT_ALLOWED
from twisted.web.http._statuses import NOT_EXTENDED as NOT_EXTENDED
from twisted.web.http._statuses import NOT_FOUND as NOT_FOUND
from twisted.web.http._statuses import NOT_IMPLEMENTED as NOT_IMPLEMENTED
from twisted.web.http._statuses import NOT_MODIFIED as NOT_MODIFIED
from twisted.web.http._statuses import OK as OK
from twisted.web.http._statuses import PARTIAL_CONTENT as PARTIAL_CONTENT
from twisted.web.http._statuses import PAYMENT_REQUIRED as PAYMENT_REQUIRED
from twisted.web.http._statuses import PERMANENT_REDIRECT as PERMANENT_REDIRECT
from twisted.web.http._statuses import PRECONDITION_FAILED as PRECONDITION_FAILED
from twisted.web.http._statuses import PROXY_AUTH_REQUIRED as PROXY_AUTH_REQUIRED
from twisted.web.http._statuses import REQUEST_ENTITY_TOO_LARGE as REQUEST_ENTITY_TOO_LARGE
from twisted.web.http._statuses import REQUEST_TIMEOUT as REQUEST_TIMEOUT
from twisted.web.http._statuses import REQUEST_URI_TOO_LONG as REQUEST_URI_TOO_LONG
from twisted.web.http._statuses import (
    REQUESTED_RANGE_NOT_SATISFIABLE as REQUESTED_RANGE_NOT_SATISFIABLE,
)
from twisted.web.http._statuses import RESET_CONTENT as RESET_CONTENT
from twisted.web.http._statuses import RESPONSES as RESPONSES
from twisted.web.http._statuses import SEE_OTHER as SEE_OTHER
from twisted.web.http._statuses import SERVICE_UNAVAILABLE as SERVICE_UNAVAILABLE
from twisted.web.http._statuses import SWITCHING as SWITCHING
from twisted.web.http._statuses import TEMPORARY_REDIRECT as TEMPORARY_REDIRECT
from twisted.web.http._statuses import UNAUTHORIZED as UNAUTHORIZED
from twisted.web.http._statuses import UNSUPPORTED_MEDIA_TYPE as UNSUPPORTED_MEDIA_TYPE
from twisted.web.http._statuses import USE_PROXY as USE_PROXY
from twisted.web.http._stream import BodyStream as BodyStream

__all__ = [
    "BodyStream",
    "ACCEPTED",
    "BAD_GATEWAY",
    "BAD_REQUEST",
    "CACHED",
    "CONFLICT",
    "CREATED",
    "EXPECTATION_FAILED",
    "FORBIDDEN",
    "FOUND",
    "GATEWAY_TIMEOUT",
    "GONE",
    "H2_ENABLED",
    "HTTPChannel",
    "HTTPClient",
    "HTTP2Limits",
    "HTTPFactory",
    "HTTP_VERSION_NOT_SUPPORTED",
    "IM_A_TEAPOT",
    "INSUFFICIENT_STORAGE_SPACE",
    "INTERNAL_SERVER_ERROR",
    "LENGTH_REQUIRED",
    "Limits",
    "MOVED_PERMANENTLY",
    "MULTIPLE_CHOICE",
    "MULTI_STATUS",
    "NON_AUTHORITATIVE_INFORMATION",
    "NOT_ACCEPTABLE",
    "NOT_ALLOWED",
    "NOT_EXTENDED",
    "NOT_FOUND",
    "NOT_IMPLEMENTED",
    "NOT_MODIFIED",
    "NO_BODY_CODES",
    "NO_CONTENT",
    "OK",
    "PARTIAL_CONTENT",
    "PAYMENT_REQUIRED",
    "PERMANENT_REDIRECT",
    "PRECONDITION_FAILED",
    "PROXY_AUTH_REQUIRED",
    "PotentialDataLoss",
    "REQUESTED_RANGE_NOT_SATISFIABLE",
    "REQUEST_ENTITY_TOO_LARGE",
    "REQUEST_TIMEOUT",
    "REQUEST_URI_TOO_LONG",
    "RESET_CONTENT",
    "RESPONSES",
    "Request",
    "SEE_OTHER",
    "SERVICE_UNAVAILABLE",
    "SWITCHING",
    "StringTransport",
    "TEMPORARY_REDIRECT",
    "UNAUTHORIZED",
    "UNSUPPORTED_MEDIA_TYPE",
    "USE_PROXY",
    "combinedLogFormatter",
    "datetimeToLogString",
    "datetimeToString",
    "fromChunk",
    "jsonLogFormatter",
    "parseContentRange",
    "parse_qs",
    "stringToDatetime",
    "timegm",
    "toChunk",
    "urlparse",
]
