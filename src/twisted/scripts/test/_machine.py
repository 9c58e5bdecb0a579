"""A machine to try packages on: this one, as a copy that nobody else sees, and that goes away.

The copy is an overlay over the root of the file system, with its changes in memory, in namespaces
of its own for mounts and processes.  What is installed there is installed nowhere else; daemons
that are started there end with it, however the test ends.  Ports are those of this machine.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from typing import Any

from twisted.application.test._daemons import PATIENCE, DaemonCase
from twisted.test._source import ROOT
from twisted.trial import unittest

#: Where packages find twistd.
TWISTD = "/usr/local/bin/twistd"

_WRAPPER = """#!/bin/sh
export PYTHONPATH={path}
exec {python} -P -c 'import sys; sys.argv[0] = "twistd"
from twisted.scripts.twistd import run; run()' "$@"
"""

#: Makes the copy, in namespaces of its own; says by which number the process is known outside.
_MAKE = """
set -e
read -r outside rest </proc/self/stat
top=$1; shift
mount -t tmpfs copy "$top"
mkdir "$top/changes" "$top/work" "$top/root"
mount -t overlay -o "lowerdir=/,upperdir=$top/changes,workdir=$top/work" copy "$top/root"
mount -t proc proc "$top/root/proc"
mount --bind /dev "$top/root/dev"
# Those that lie on another file system are not seen through the overlay.
for folder in "$@"; do
    if [ -z "$(ls -A "$top/root$folder" 2>/dev/null)" ]; then
        mkdir -p "$top/root$folder"
        mount --bind "$folder" "$top/root$folder"
    fi
done
# Is one written here, services are not started.
rm -f "$top/root/usr/sbin/policy-rc.d"
echo "$outside"
# Until our input ends; the shell meanwhile also waits for those whose parents have ended.
exec chroot "$top/root" /bin/sh -c "cat; true"
"""


class MachineCase(DaemonCase):
    """Has a machine; skipped where there can be none.

    Attributes:
        programs: what has to be installed.
    """

    programs: tuple[str, ...] = ()

    def setUp(self) -> None:
        super().setUp()
        self.requirePrograms("unshare", "nsenter", *self.programs)
        if os.geteuid() != 0:
            raise unittest.SkipTest("only root installs packages")
        os.mkdir(self.path("machine"))
        needed = {sys.prefix, sys.base_prefix, os.fspath(ROOT.parent), self.folder}
        make = ["unshare", "--mount", "--pid", "--fork", "--kill-child", "sh", "-c", _MAKE, "sh"]
        holder = subprocess.Popen(
            [*make, self.path("machine"), *sorted(needed)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(holder.communicate)
        output: Any = holder.stdout
        self._number = output.readline().strip()
        if not self._number:
            _, problem = holder.communicate()
            raise unittest.SkipTest(f"no copy of this machine can be made: {problem.strip()}")
        wrapper = _WRAPPER.format(path=ROOT.parent, python=sys.executable)
        self.there("sh", "-c", f"cat >{TWISTD} && chmod 755 {TWISTD}", given=wrapper)

    def requirePrograms(self, *names: str) -> None:
        """Skip the test unless programs are installed."""
        missing = [name for name in names if shutil.which(name) is None]
        if missing:
            raise unittest.SkipTest(f"not installed: {', '.join(missing)}")

    def there(self, *command: str, given: str = "", status: int | None = 0) -> str:
        """Run a program on the machine.

        Args:
            command: its name, and arguments.
            given: its standard input.
            status: what it has to end with; None for anything.

        Returns:
            What it writes, to whatever output.
        """
        enter = ["nsenter", "--target", self._number, "--mount", "--pid"]
        enter += ["chroot", self.path("machine/root")]
        done = subprocess.run(
            [*enter, *command],
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"},
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        if status is not None:
            self.assertEqual(done.returncode, status, f"{command}: {done.stdout}")
        return done.stdout

    def exists(self, path: str) -> bool:
        """Whether there is a file on the machine."""
        return not self.there("sh", "-c", f"test -e {path} || echo no")

    def found(self, name: str) -> list[str]:
        """Everything on the machine that has a word in its name."""
        places = ("/etc", "/run", "/usr", "/var")
        return self.there("find", *places, "-name", f"*{name}*").splitlines()

    def copyThere(self, path: str, text: str, mode: str = "644") -> None:
        """Write a file on the machine."""
        self.there("sh", "-c", f"cat >{path} && chmod {mode} {path}", given=text)

    def assertEnded(self, pid: str) -> None:
        """A process of the machine has ended."""
        # Its number may stay for a moment, but no command line.
        said = self.there("sh", "-c", f"! [ -e /proc/{pid} ] || cat /proc/{pid}/cmdline")
        self.assertEqual(said, "")
