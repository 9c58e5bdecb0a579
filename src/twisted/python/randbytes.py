"""Random bytes, good ones and merely quick ones."""

from __future__ import annotations

import os
import random
import warnings

__all__ = ["RandomFactory", "SecureRandomNotAvailable", "insecureRandom", "secureRandom"]


class SecureRandomNotAvailable(RuntimeError):
    """The system has no source of randomness that keys may be made of."""


class RandomFactory:
    """A source of random bytes."""

    def secureRandom(self, nbytes: int, fallback: bool = False) -> bytes:
        """Bytes that nobody can foretell, from the operating system.

        Args:
            nbytes: how many.
            fallback: where the system has none, warn and give `insecureRandom` ones.

        Raises:
            SecureRandomNotAvailable: the system has none, and ``fallback`` is not set.
        """
        try:
            return os.urandom(nbytes)
        except NotImplementedError:
            if not fallback:
                raise SecureRandomNotAvailable(
                    "This system gives no secure random bytes; pass fallback=True only if"
                    " guessable ones will do."
                ) from None
        warnings.warn(
            "The system gives no secure random bytes; these can be guessed.",
            category=RuntimeWarning,
            stacklevel=2,
        )
        return self.insecureRandom(nbytes)

    def insecureRandom(self, nbytes: int) -> bytes:
        """Bytes that only look random: never use them for keys, tokens or passwords."""
        return random.randbytes(nbytes)


_factory = RandomFactory()
secureRandom = _factory.secureRandom
insecureRandom = _factory.insecureRandom
