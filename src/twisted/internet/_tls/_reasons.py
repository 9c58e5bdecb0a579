"""What OpenSSL says went wrong, in sentences for those who have to do something about it."""

from __future__ import annotations

import re

#: By OpenSSL's reason, in lower case with spaces.
SENTENCES = {
    "http request": "the peer speaks HTTP, not TLS",
    "https proxy request": "the peer speaks HTTP to a proxy, not TLS",
    "wrong version number": "the peer does not speak TLS",
    "packet length too long": "the peer does not speak TLS, or its data were damaged",
    "unexpected message": "the peer does not keep to the order of TLS messages",
    "record layer failure": "the data of the peer were damaged on their way",
    "unsupported protocol": "the peer offers no version of TLS that we accept",
    "version too low": "the peer offers no version of TLS that we accept",
    "no protocols available": "our settings leave no version of TLS to be offered",
    "no shared cipher": "the peer offers no cipher that we accept",
    "no suitable signature algorithm": "the peer accepts no signature that our certificate makes",
    "certificate verify failed": "the certificate of the peer could not be verified",
    "peer did not return a certificate": "the peer presented no certificate, and one is required",
    "decryption failed or bad record mac": "the data of the peer were damaged on their way",
    "no renegotiation": "the peer asked for a renegotiation, which is refused",
    "unexpected eof while reading": "the peer closed the connection without ending TLS first",
    "application data after close notify": "the peer sent data after it had ended TLS",
    "no application protocol": "the peer offers none of the protocols that we speak",
    "key values mismatch": "the private key is not that of the certificate",
}

#: What the peer says is wrong with us, by the name of its alert (RFC 8446 section 6.2).
ALERTS = {
    "protocol version": "the peer accepts no version of TLS that we offer",
    "no application protocol": "the peer speaks none of the protocols that we offer",
    "unknown ca": "the peer does not trust the authority of our certificate",
    "certificate required": "the peer requires a certificate, and we have none",
    "bad certificate": "the peer did not accept our certificate",
    "certificate unknown": "the peer did not accept our certificate",
    "certificate expired": "the peer found that our certificate has expired",
    "certificate revoked": "the peer found that our certificate has been revoked",
    "unsupported certificate": "the peer accepts no certificate of our kind",
    "handshake failure": "the peer found no version, cipher or certificate to agree on",
    "unrecognized name": "the peer does not serve the host name that we asked for",
    "decrypt error": "the peer could not verify a signature or a key of ours",
    "decode error": "the peer could not make sense of what we sent",
    "internal error": "the peer has a problem of its own",
    "access denied": "the peer does not want us, though our certificate is good",
    "record overflow": "the peer says that our data were damaged on their way",
    "bad record mac": "the peer says that our data were damaged on their way",
}

#: How OpenSSL 1.1 to 4.0 call an alert, before its name.
_ALERT = re.compile(r"(?:sslv3|ssl/tls|tlsv1|tlsv13|tls) (?:alert )?(.*)")

#: By OpenSSL's number of a verification error (openssl-verification-options(1)).
VERIFICATION = {
    2: "its issuer is not known, nor trusted",
    7: "its signature is not that of its issuer",
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is self-signed, and not trusted",
    19: "its chain ends in an authority that is not trusted",
    20: "its issuer is not known, nor trusted",
    21: "its chain is incomplete: the first certificate cannot be verified",
    22: "its chain is too long",
    23: "it has been revoked",
    24: "its issuer is not an authority",
    26: "it was issued for another purpose",
    62: "it is for another host",
    64: "it is for another address",
    66: "its key is too weak",
    68: "its signature is too weak",
    79: "its issuer is not an authority",
}


#: Those that are about whose certificate it is.
OTHER_HOST = (62, 64)


def explain(reason: str) -> str:
    """A sentence for OpenSSL's `reason`."""
    reason = reason.lower().replace("_", " ")
    alert = _ALERT.fullmatch(reason)
    sentence = ALERTS.get(alert[1]) if alert else SENTENCES.get(reason)
    return sentence or f"OpenSSL reports: {reason or 'an error'}"


def explain_verification(number: int, depth: int) -> str:
    """A sentence for a certificate that does not hold.

    Args:
        number: OpenSSL's.
        depth: how far from the peer's own certificate, which is 0.
    """
    whose = "the certificate of the peer"
    if depth:
        whose = f"authority {depth} in the chain of the certificate of the peer"
    why = VERIFICATION.get(number, f"OpenSSL's verification error {number}")
    return f"{whose} could not be verified: {why}"
