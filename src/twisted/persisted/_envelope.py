"""What is kept under a passphrase: encrypted, and proof against changes.

The key is made of the passphrase by scrypt (RFC 7914), which takes a tenth of a second and 64 MiB
on purpose; the content is under AES-256-GCM, and so is, unencrypted, the beginning::

    "torsion sob" 0x0a   version   log2 N   r   p   salt (16)   nonce (12)   content   tag (16)

One who changes any of it, or does not know the passphrase, finds nothing out but the length.
"""

from __future__ import annotations

import os
import struct
from typing import Any

from twisted.python.reflect import namedAny, requireModule

_MAGIC = b"torsion sob\n"
_VERSION = 1
_BEGIN = struct.Struct(f"!{len(_MAGIC)}sBBBB16s12s")
#: The cost of trying a passphrase (RFC 7914, 2): 128 * r * 2**n bytes.
_LOG2_N, _R, _P = 16, 8, 1
#: What a file may ask for: four times as much. One who can write it must not fill the memory.
_MOST_LOG2_N, _MOST_R, _MOST_P = 18, 8, 4
_KEY_BYTES = 32


class EnvelopeError(Exception):
    """It cannot be opened; the text says why."""


def isSealed(content: bytes) -> bool:
    """Whether some content is encrypted in this way."""
    return content.startswith(_MAGIC)


def seal(content: bytes, passphrase: str | bytes) -> bytes:
    """Encrypt.

    Raises:
        EnvelopeError: the library that can do it is not installed.
    """
    salt, nonce = os.urandom(16), os.urandom(12)
    begin = _BEGIN.pack(_MAGIC, _VERSION, _LOG2_N, _R, _P, salt, nonce)
    key = _key(passphrase, salt, _LOG2_N, _R, _P)
    encrypted: bytes = _aead().AESGCM(key).encrypt(nonce, content, begin)
    return begin + encrypted


def unseal(sealed: bytes, passphrase: str | bytes) -> bytes:
    """Decrypt.

    Raises:
        EnvelopeError: the passphrase is wrong, or what there is is not what was written, or the
            library that can do it is not installed.
    """
    if len(sealed) < _BEGIN.size or not isSealed(sealed):
        raise EnvelopeError("it is not encrypted")
    begin, encrypted = sealed[: _BEGIN.size], sealed[_BEGIN.size :]
    _, version, log2, r, p, salt, nonce = _BEGIN.unpack(begin)
    if version != _VERSION:
        raise EnvelopeError(f"it is encrypted in form {version}, of a later version")
    if not (1 <= log2 <= _MOST_LOG2_N and 1 <= r <= _MOST_R and 1 <= p <= _MOST_P):
        raise EnvelopeError("it asks for more memory or time than any that was written here")
    library = _aead()
    try:
        content: bytes = library.AESGCM(_key(passphrase, salt, log2, r, p)).decrypt(
            nonce, encrypted, begin
        )
    except requireModule("cryptography.exceptions").InvalidTag:
        raise EnvelopeError("the passphrase is wrong, or the file has been changed")
    return content


def _key(passphrase: str | bytes, salt: bytes, log2: int, r: int, p: int) -> bytes:
    secret = passphrase.encode("utf-8") if isinstance(passphrase, str) else passphrase
    # scrypt needs a little more than its formula says.
    most = 128 * r * ((1 << log2) + p + 2)
    # Slow to load, and few files are encrypted.
    key: bytes = namedAny("hashlib.scrypt")(
        secret, salt=salt, n=1 << log2, r=r, p=p, maxmem=most, dklen=_KEY_BYTES
    )
    return key


def _aead() -> Any:
    library = requireModule("cryptography.hazmat.primitives.ciphers.aead")
    if library is None:
        raise EnvelopeError("to encrypt, pip install 'torsion[persist]' (cryptography)")
    return library
