"""The reactor: importing this installs the default one, unless there is one already.

The module is then replaced by the reactor, which is what programs import.
"""

from __future__ import annotations

import sys

# A module of this name stands where the reactor is to stand: `installReactor` takes that
# for one that is installed.
del sys.modules["twisted.internet.reactor"]

from twisted.internet import default  # noqa: E402

default.install()
