"""The names of whom a certificate is for, and of who issued it."""

from __future__ import annotations

from typing import Any, NoReturn

from cryptography import x509
from cryptography.x509.oid import NameOID

__name__ = "twisted.internet.ssl"  # the public path, for pickles and messages

#: The long form of each attribute, by the short one; RFC 4514 section 3.
_LONG = {
    "C": "countryName",
    "CN": "commonName",
    "E": "emailAddress",
    "L": "localityName",
    "O": "organizationName",
    "OU": "organizationalUnitName",
    "ST": "stateOrProvinceName",
}
_OIDS = {
    "countryName": NameOID.COUNTRY_NAME,
    "commonName": NameOID.COMMON_NAME,
    "emailAddress": NameOID.EMAIL_ADDRESS,
    "localityName": NameOID.LOCALITY_NAME,
    "organizationName": NameOID.ORGANIZATION_NAME,
    "organizationalUnitName": NameOID.ORGANIZATIONAL_UNIT_NAME,
    "stateOrProvinceName": NameOID.STATE_OR_PROVINCE_NAME,
}
_BY_OID = {oid: name for name, oid in _OIDS.items()}


def _unknown(name: str) -> NoReturn:
    raise AttributeError(f"a distinguished name has no {name!r}, but: {', '.join(sorted(_OIDS))}")


class DistinguishedName(dict[str, bytes]):
    """The name of a subject or an issuer: attributes that are items as well.

    Values are bytes; a `str` is encoded.  Attributes go by their long names
    (``commonName``) or short ones (``CN``).

    Args:
        kw: the attributes, as in ``DN(CN="example.com", O="Example")``.

    Raises:
        AttributeError: there is no attribute of that name.
    """

    def __init__(self, **kw: bytes | str) -> None:
        super().__init__()
        for name, value in kw.items():
            setattr(self, name, value)

    def __getattr__(self, name: str) -> bytes:
        try:
            return self[_LONG.get(name, name)]
        except KeyError:
            _unknown(name)

    def __setattr__(self, name: str, value: bytes | str) -> None:
        name = _LONG.get(name, name)
        if name not in _OIDS:
            _unknown(name)
        self[name] = value.encode("utf-8") if isinstance(value, str) else value

    def __repr__(self) -> str:
        return f"<DN {dict.__repr__(self)[1:-1]}>"

    def inspect(self) -> str:
        """What it says, a line for each attribute."""
        width = max(map(len, self), default=0)
        return "\n".join(
            f"{name.rjust(width)}: {value.decode('utf-8', 'replace')}"
            for name, value in self.items()
        )


#: The same by the name that everybody uses.
DN = DistinguishedName


def fromX509(name: x509.Name) -> DistinguishedName:
    """The attributes of `name` that have a name here."""
    dn = DistinguishedName()
    for attribute in name:
        known = _BY_OID.get(attribute.oid)
        if known is not None:
            value: Any = attribute.value
            dn[known] = value if isinstance(value, bytes) else value.encode("utf-8")
    return dn


def toX509(dn: DistinguishedName) -> x509.Name:
    """`dn` as certificates have it."""
    return x509.Name(
        [x509.NameAttribute(_OIDS[name], value.decode("utf-8")) for name, value in dn.items()]
    )
