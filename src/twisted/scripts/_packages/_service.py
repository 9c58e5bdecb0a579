"""The files by which a system knows a service: an init script, a unit of systemd, log rotation.

One command line starts it everywhere.  The init script has its own waiting for the end of the
process, since systems differ in the tools for that; and it sends no signal to a process that was
not started with this pid file, since a number may have gone to another one.
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from typing import NamedTuple

from twisted.scripts._packages._request import Package


class File(NamedTuple):
    """A file of a package.

    Attributes:
        path: where it goes, beginning with a slash.
        content: what is in it.
        mode: its permissions.
        isConfig: whether the administrator may change it, and upgrades leave it so.
    """

    path: str
    content: bytes
    mode: int = 0o644
    isConfig: bool = False


_INIT = """\
#!/bin/sh
# chkconfig: 2345 90 10
# description: @SUMMARY@
### BEGIN INIT INFO
# Provides:          @NAME@
# Required-Start:    $remote_fs $syslog $network
# Required-Stop:     $remote_fs $syslog $network
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: @SUMMARY@
### END INIT INFO

PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
export PATH
cd /
TWISTD=@TWISTD@
PIDFILE=@PIDFILE@
# Tenths of a second: twistd gives services 30 seconds.
PATIENCE=400
OPTIONS=

# Of a package that was removed only its configuration is left, with this script.
[ -e @UNIT@ ] || exit 0
[ ! -r @DEFAULTS@ ] || . @DEFAULTS@

# Whether process $pid was started with our pid file.
is_ours() {
    [ -r "/proc/$pid/cmdline" ] &&
        tr '\\0' '\\n' 2>/dev/null <"/proc/$pid/cmdline" | grep -Fqx -e "$PIDFILE"
}

# The process of the pid file, in $pid; false if there is none, or another has its number.
find_process() {
    pid=$(cat "$PIDFILE" 2>/dev/null) || return 1
    case $pid in '' | *[!0-9]*) return 1 ;; esac
    is_ours
}

start() {
    if find_process; then
        echo "@NAME@ runs already, as process $pid"
        return 0
    fi
    if [ ! -x "$TWISTD" ]; then
        echo "@NAME@ cannot start: there is no $TWISTD; install Torsion" >&2
        return 5
    fi
    "$TWISTD" @ARGUMENTS@ $OPTIONS
}

stop() {
    find_process || return 0
    kill -TERM "$pid"
    left=$PATIENCE
    # The pid file goes a little before the process.
    while is_ours; do
        if [ "$left" -eq 0 ]; then
            echo "@NAME@ does not stop, and is killed" >&2
            kill -KILL "$pid"
            break
        fi
        left=$((left - 1))
        sleep 0.1
    done
    # It stays if the process was killed, or had given up the right to remove it.
    rm -f "$PIDFILE"
}

case "$1" in
start)
    start
    ;;
stop)
    stop
    ;;
restart | force-reload)
    stop
    start
    ;;
rotate)
    if find_process; then kill -USR1 "$pid"; fi
    ;;
status)
    if find_process; then
        echo "@NAME@ runs as process $pid"
    elif [ -e "$PIDFILE" ]; then
        echo "@NAME@ does not run, but there is $PIDFILE"
        exit 1
    else
        echo "@NAME@ does not run"
        exit 3
    fi
    ;;
*)
    echo "Usage: $0 {start|stop|restart|force-reload|rotate|status}" >&2
    exit 2
    ;;
esac
"""

_UNIT = """\
[Unit]
Description=@SUMMARY_OF_UNIT@
After=network.target

[Service]
# Done when the services of the application have started, which is when twistd returns.
Type=forking
PIDFile=@PIDFILE@
EnvironmentFile=-@DEFAULTS@
ExecStart=@TWISTD@ @ARGUMENTS@ $OPTIONS
# twistd gives services 30 seconds.
TimeoutStopSec=40
Restart=on-failure

[Install]
WantedBy=multi-user.target
"""

_DEFAULTS = """\
# More options for twistd, in one line; see twistd(1). For instance:
# OPTIONS="--reactor poll --grace 10"
OPTIONS=
"""

_ROTATION = """\
@LOG@ {
    weekly
    rotate 8
    dateext
    compress
    delaycompress
    missingok
    notifempty
    nocreate
    postrotate
        /etc/init.d/@NAME@ rotate
    endscript
    lastaction
        # Between two weeks, twistd begins anew after each megabyte; those are called .1, .2 ...
        find @LOGS@ -name '@NAME@.log.[0-9]*' -mtime +56 -delete
    endscript
}
"""


def configFolder(package: Package) -> str:
    """The folder of the application."""
    return f"/etc/{package.name}"


def applicationPath(package: Package) -> str:
    """Where the application is; by a name of ours, since that of the file may be anything."""
    return f"{configFolder(package)}/application.{package.form.extension}"


def unitPath(package: Package) -> str:
    """Where the unit of systemd is."""
    return f"/usr/lib/systemd/system/{package.name}.service"


def files(package: Package, defaults: str) -> Iterator[File]:
    """What a package has for every system.

    Args:
        package: what it is to be.
        defaults: the folder for options of services.
    """
    application = applicationPath(package)
    log = f"{package.logs}/{package.name}.log"
    arguments = [package.form.option, application, "--no_save", "--pidfile", package.pidfile]
    arguments += ["--rundir", package.rundir, "--logfile", log]
    values = {
        "ARGUMENTS": shlex.join(arguments),
        "DEFAULTS": f"{defaults}/{package.name}",
        "LOG": log,
        "LOGS": package.logs,
        "NAME": package.name,
        "PIDFILE": package.pidfile,
        "SUMMARY": package.summary,
        # There, % begins something.
        "SUMMARY_OF_UNIT": package.summary.replace("%", "%%"),
        "TWISTD": package.twistd,
        "UNIT": unitPath(package),
    }
    yield File(application, package.application, package.mode, isConfig=True)
    yield File(f"{defaults}/{package.name}", _DEFAULTS.encode(), isConfig=True)
    yield _file(f"/etc/init.d/{package.name}", _INIT, values, 0o755, isConfig=True)
    yield _file(f"/etc/logrotate.d/{package.name}", _ROTATION, values, isConfig=True)
    yield _file(unitPath(package), _UNIT, values)


def _file(
    path: str, template: str, values: dict[str, str], mode: int = 0o644, isConfig: bool = False
) -> File:
    return File(path, fill(template, values).encode(), mode, isConfig)


def fill(template: str, values: dict[str, str]) -> str:
    """Put values into a text, in which their names stand between @ and @."""
    # In one go: what looks like a name in a value is none.
    return re.sub(r"@([A-Z_]+)@", lambda found: values[found[1]], template)
