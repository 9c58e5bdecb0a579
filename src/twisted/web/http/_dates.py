"""Dates as HTTP and its logs have them."""

from __future__ import annotations

import time
from calendar import timegm as _timegm

__name__ = "twisted.web.http"  # the public path, for pickles and messages

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
_NUMBERS = {name.lower(): number for number, name in enumerate(_MONTHS, 1)}

#: A year of two digits is one of this century, unless that is so many years ahead.
_FUTURE_YEARS = 50
#: A date has four digits for its year (RFC 9110, 5.6.7).
_LAST_YEAR = 9999


def timegm(year: int, month: int, day: int, hour: int, minute: int, second: int) -> int:
    """Seconds since 1970 of a time in UTC.

    Raises:
        ValueError: the year is before 1970, or there is no such month or day.
    """
    if year < 1970:
        raise ValueError(f"{year} is before 1970")
    if not 1 <= month <= 12:
        raise ValueError(f"there is no month {month}")
    if not (year <= _LAST_YEAR and day <= 31):
        raise ValueError(f"there is no day {day} of {month}/{year}")
    return _timegm((year, month, day, hour, minute, second))


def datetimeToString(msSinceEpoch: float | None = None) -> bytes:
    """A time as headers have it: ``b"Sun, 06 Nov 1994 08:49:37 GMT"`` (RFC 9110, 5.6.7).

    Args:
        msSinceEpoch: seconds since 1970, whatever its name says; now by default.
    """
    when = time.gmtime(time.time() if msSinceEpoch is None else msSinceEpoch)
    return b"%b, %02d %b %04d %02d:%02d:%02d GMT" % (
        _DAYS[when.tm_wday].encode("ascii"),
        when.tm_mday,
        _MONTHS[when.tm_mon - 1].encode("ascii"),
        *when[:1],
        *when[3:6],
    )


def datetimeToLogString(msSinceEpoch: float | None = None) -> str:
    """A time as access logs have it: ``"[06/Nov/1994:08:49:37 +0000]"``.

    Args:
        msSinceEpoch: seconds since 1970, whatever its name says; now by default.
    """
    when = time.gmtime(time.time() if msSinceEpoch is None else msSinceEpoch)
    month = _MONTHS[when.tm_mon - 1]
    day = f"{when.tm_mday:02}/{month}/{when.tm_year:04}"
    return f"[{day}:{when.tm_hour:02}:{when.tm_min:02}:{when.tm_sec:02} +0000]"


def stringToDatetime(dateString: bytes) -> int:
    """Seconds since 1970 of a date in one of the three forms of RFC 9110, 5.6.7.

    Raises:
        ValueError: this is no date.
    """
    parts = dateString.decode("ascii").replace(",", " ").replace("-", " ").split()
    if len(parts) == 5:  # Sunday, 06-Nov-94 ... was split; Sun Nov  6 08:49:37 1994 has five
        _, month, day, clock, year = parts
    elif len(parts) in (4, 6):
        day, month, year, clock = parts[-5:-1] if len(parts) == 6 else parts
    else:
        raise ValueError(f"not a date: {dateString!r}")
    number = _NUMBERS.get(month[:3].lower())
    if number is None:
        raise ValueError(f"not a month: {month!r}")
    hour, minute, second = map(int, clock.split(":"))
    full = int(year)
    if len(year) <= 2:
        century, _ = divmod(time.gmtime().tm_year, 100)
        full += century * 100
        if full > time.gmtime().tm_year + _FUTURE_YEARS:
            full -= 100
    return timegm(full, number, int(day), hour, minute, second)
