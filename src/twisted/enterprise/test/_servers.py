"""Databases for tests: SQLite, and servers that a run starts for itself, on sockets of its own.

A server is started when the first test needs it, and stopped when the process ends.
"""

from __future__ import annotations

import atexit
import contextlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import threading
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from twisted.enterprise.adbapi import ConnectionPool
from twisted.trial.unittest import SkipTest, TestCase

try:
    import pymysql
except ImportError:  # the tests that want it are skipped
    pass

#: Seconds that a server has to start, and to stop.
PATIENCE = 30


class Backend:
    """A kind of database, and how to do with it what no standard has."""

    dbapiName = ""
    #: What stands for a parameter.
    mark = "%s"
    #: A statement that takes longer than any test, or none if the driver cannot interrupt one.
    endless: str | None = None

    def __init__(self, folder: str) -> None:
        self.folder = folder

    def arguments(self) -> dict[str, Any]:
        """What the driver's `connect` takes."""
        raise NotImplementedError

    def pool(self, **options: Any) -> ConnectionPool:
        """A pool of connections to this database."""
        return ConnectionPool(self.dbapiName, **self.arguments(), **options)

    def kill(self, transaction: Any) -> None:
        """End the connection that a transaction is on; may raise as the driver does."""
        raise NotImplementedError

    def beStrict(self, connection: Any) -> None:
        """Check what has to be checked."""

    def sparing(self, connection: Any) -> Any:
        """A cursor that does not fetch all rows at once."""
        return connection.cursor()

    def spoil(self, transaction: Any) -> None:
        """Do what only the commit finds to be wrong."""
        raise NotImplementedError


class SQLite(Backend):
    """A file in the directory of the test."""

    dbapiName = "sqlite3"
    mark = "?"
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"

    def arguments(self) -> dict[str, Any]:
        return {"database": os.path.join(self.folder, "test.sqlite"), "timeout": PATIENCE}

    def pool(self, **options: Any) -> ConnectionPool:
        # Nothing that is written has to outlive the test.
        return super().pool(**{"cp_openfun": _beQuick, **options})

    def kill(self, transaction: Any) -> None:
        transaction.connection.close()

    def beStrict(self, connection: Any) -> None:
        connection.execute("PRAGMA foreign_keys = ON")

    def spoil(self, transaction: Any) -> None:
        transaction.execute("CREATE TABLE IF NOT EXISTS parents (id INTEGER PRIMARY KEY)")
        reference = "REFERENCES parents DEFERRABLE INITIALLY DEFERRED"
        transaction.execute(f"CREATE TABLE IF NOT EXISTS children (parent INTEGER {reference})")
        transaction.execute("INSERT INTO children VALUES (1)")


def _beQuick(connection: Any) -> None:
    connection.execute("PRAGMA synchronous = OFF")


class PostgreSQL(Backend):
    """A server of PostgreSQL, by psycopg."""

    dbapiName = "psycopg"
    endless = "SELECT pg_sleep(600)"

    def arguments(self) -> dict[str, Any]:
        return {"host": _postgresql(), "user": "tester", "dbname": "postgres"}

    def sparing(self, connection: Any) -> Any:
        return connection.cursor("rows")

    def kill(self, transaction: Any) -> None:
        transaction.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def spoil(self, transaction: Any) -> None:
        transaction.execute("CREATE TEMP TABLE once (id int UNIQUE DEFERRABLE INITIALLY DEFERRED)")
        transaction.execute("INSERT INTO once VALUES (1), (1)")


class MariaDB(Backend):
    """A server of MariaDB, by PyMySQL."""

    dbapiName = "pymysql"

    def arguments(self) -> dict[str, Any]:
        return {"unix_socket": f"{_mariadb()}/socket", "user": "root", "database": "tests"}

    def sparing(self, connection: Any) -> Any:
        return connection.cursor(pymysql.cursors.SSCursor)

    def kill(self, transaction: Any) -> None:
        transaction.execute("KILL CONNECTION_ID()")

    def spoil(self, transaction: Any) -> None:
        # It has no constraints that wait; but there has to be a connection.
        with contextlib.suppress(pymysql.Error):
            self.kill(transaction)


def onEach(
    case: type[TestCase], backends: Iterable[type[Backend] | None], otherwise: str = ""
) -> dict[str, type]:
    """
    The tests of a case for each of several databases, which they find as `backend`.

    Args:
        otherwise: what those go by that are for no database.
    """
    classes = {}
    for backend in backends:
        name = f"{backend.__name__ if backend else otherwise}{case.__name__}"
        members = {"backend": backend, "__doc__": case.__doc__, "__module__": case.__module__}
        classes[name] = type(name, (case,), members)
    return classes


@cache
def _postgresql() -> str:
    """Start the server; gives the directory of its socket."""
    # Debian keeps them off the path, for there may be several.
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=str)
    path = os.pathsep.join([os.environ.get("PATH", ""), *map(str, reversed(found))])
    initdb, postgres = _program("initdb", path), _program("postgres", path)
    _require("psycopg")
    folder = _folder()
    data = f"{folder}/data"
    making = [initdb, "-A", "trust", "-U", "tester", "--no-sync", "--no-locale", "-E", "UTF8"]
    subprocess.run(
        _asUser([*making, "-D", data]), check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE
    )
    options = ["-c", "fsync=off", "-c", "shared_buffers=16MB", "-c", "listen_addresses="]
    # It takes its processes and its shared memory with it only if it is asked to end.
    command = [postgres, "-D", data, "-k", folder, *options]
    _serve(command, "ready to accept connections", signal.SIGINT)
    return folder


@cache
def _mariadb() -> str:
    """Start the server; gives the directory of its socket."""
    mariadbd = _program("mariadbd", os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin"]))
    _require("pymysql")
    folder = _folder()
    os.makedirs(f"{folder}/data/tests")
    _own(f"{folder}/data", f"{folder}/data/tests")
    # Without users, it needs no tables of its own, whose making takes longest.
    options = ["--no-defaults", "--skip-networking", "--skip-grant-tables"]
    places = [f"--datadir={folder}/data", f"--socket={folder}/socket", f"--pid-file={folder}/pid"]
    text = ["--character-set-server=utf8mb4", "--collation-server=utf8mb4_bin"]
    quick = ["--innodb-flush-log-at-trx-commit=0", "--innodb-log-file-size=4M"]
    # Nothing that it writes has to outlive it.
    quick += ["--innodb-flush-method=nosync", "--sync-frm=0"]
    _serve([mariadbd, *options, *places, *text, *quick], "ready for connections", signal.SIGKILL)
    return folder


def _program(name: str, path: str) -> str:
    found = shutil.which(name, path=path)
    if found is None:
        raise SkipTest(f"there is no {name} here")
    return found


def _require(module: str) -> None:
    if importlib.util.find_spec(module) is None:
        raise SkipTest(f"{module} is not installed: it is part of the extra `database`")


def _folder() -> str:
    # Not the test's own: the names of sockets are short, and the server may be another user.
    folder = tempfile.mkdtemp(prefix="database-")
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    _own(folder)
    return folder


def _own(*folders: str) -> None:
    """Servers refuse to run as root, and own what they write to."""
    if os.geteuid() == 0:
        for folder in folders:
            os.chown(folder, pwd.getpwnam("nobody").pw_uid, -1)


def _asUser(command: Sequence[str]) -> list[str]:
    if os.geteuid() != 0:
        return list(command)
    user = pwd.getpwnam("nobody")
    ids = [f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    setpriv = _program("setpriv", os.environ.get("PATH", ""))
    return [setpriv, *ids, *command]


def _serve(command: Sequence[str], ready: str, ending: signal.Signals) -> None:
    """Start a server, wait for the line that says that it is ready, and plan its end."""
    server = subprocess.Popen(
        _asUser(command),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C is for the test run, which stops it
    )
    atexit.register(_stop, server, ending)
    late = threading.Timer(PATIENCE, server.kill)
    late.start()
    assert server.stderr is not None
    said = []
    for line in server.stderr:
        said.append(line)
        if ready in line:
            break
    else:
        raise SkipTest(f"{command[0]} does not start here: {''.join(said[-3:])}")
    late.cancel()
    # It must be able to go on writing.
    threading.Thread(target=server.stderr.read, daemon=True).start()


def _stop(server: subprocess.Popen[str], ending: signal.Signals) -> None:
    server.send_signal(ending)
    try:
        server.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
