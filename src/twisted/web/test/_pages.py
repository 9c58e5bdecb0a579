"""What tests of pages share."""

from __future__ import annotations

from typing import Any

from twisted.trial import unittest
from twisted.web.error import (
    FlattenerError,
)
from twisted.web.template import (
    flattenString,
)


class FlattenCase(unittest.SynchronousTestCase):
    """Tests that write pages."""

    def write(self, page: Any, request: Any = None) -> str:
        return self.successResultOf(flattenString(request, page)).decode("utf-8")

    def error(self, page: Any, kind: type[Exception]) -> FlattenerError:
        """How writing a page fails, which is because of an error of this kind."""
        error = self.failureResultOf(flattenString(None, page), FlattenerError).value
        assert isinstance(error, FlattenerError)
        self.assertIsInstance(error.args[0], kind)
        return error
