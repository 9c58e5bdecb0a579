"""What a package is to be: read from the command line, and checked.

Theory of operation.  What is given here ends up in scripts that root runs, in control files with a
line for each field, and in spec files with macros.  So whatever becomes part of a path or a script
(names, versions, paths) has few characters to choose from, none of which means anything there; and
what is for people to read (descriptions, the maintainer) is text without control characters, stands
in scripts in comments at most, and is quoted for the other files that it goes into.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from typing import ClassVar, NamedTuple

from twisted.application import _options
from twisted.persisted import sob
from twisted.python import usage
from twisted.scripts._packages import _forms

#: Of Debian's names (Policy 5.6.1), which RPM takes as well, without the + that systemd does not.
_NAME = re.compile(r"[a-z0-9][a-z0-9.-]+")
#: What versions of both may have (Policy 5.6.12), without an epoch and a revision.
_VERSION = re.compile(r"[0-9][A-Za-z0-9.+~]*")
_PATH = re.compile(r"(/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)+")
_MAINTAINER = re.compile(r"[^<>]*[^<>\s] <[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+>")
_REQUIREMENTS = re.compile(r"[A-Za-z0-9][A-Za-z0-9 .,:+~()<>=|-]*")
#: The longest of each that is still of use; file systems and dpkg end at 255.
_LONGEST_NAME, _LONGEST_LINE, _LONGEST_TEXT = 100, 200, 10_000

#: Where twistd is on machines that have Torsion for everybody.
TWISTD = "/usr/bin/twistd"


class Package(NamedTuple):
    """What a package is to be.

    Attributes:
        name: of the package, and so of the service and its folders.
        version: of the package.
        maintainer: a name and an address; None if there is none.
        summary: a line.
        description: lines.
        requires: packages that have to be there, in the words of their system; may be empty.
        form: what the application is written in.
        application: the file, whole.
        mode: the permissions of that file.
        twistd: the path of the command.
        pidfile: its path.
        rundir: the folder in which the service runs.
    """

    name: str
    version: str
    maintainer: str | None
    summary: str
    description: str
    requires: str
    form: _forms.Form
    application: bytes
    mode: int
    twistd: str
    pidfile: str
    rundir: str

    @property
    def logs(self) -> str:
        """The folder for the log."""
        return f"/var/log/twistd/{self.name}"

    @property
    def folders(self) -> list[str]:
        """The folders that belong to the package and begin empty."""
        return [self.logs] if self.rundir != _rundir(self.name) else [self.logs, self.rundir]

    @property
    def leftovers(self) -> list[str]:
        """What the service has made for itself, and nobody else can want: no paths of others."""
        return [*self.folders, *([self.pidfile] if self.pidfile == _pidfile(self.name) else [])]

    @property
    def key(self) -> str | None:
        """What gpg finds the maintainer's key by: the address, exactly; None if there is none."""
        return self.maintainer and self.maintainer[self.maintainer.rindex("<") :]


def _rundir(name: str) -> str:
    # Not right in /var/lib, where a package of such a name may have its treasures.
    return f"/var/lib/twistd/{name}"


def _pidfile(name: str) -> str:
    return f"/run/{name}.pid"


def _matching(pattern: re.Pattern[str], longest: int, meaning: str) -> Callable[[str], str]:
    def checked(value: str) -> str:
        if len(value) > longest or not value.isascii() or pattern.fullmatch(value) is None:
            raise ValueError(meaning)
        return value

    return checked


packageName = _matching(
    _NAME,
    _LONGEST_NAME,
    "a name has two characters or more of a-z, 0-9, - and ., the first a letter or a digit",
)
_version = _matching(
    _VERSION, _LONGEST_NAME, "a version begins with a digit, and has letters, digits, ., + and ~"
)
_requirements = _matching(
    _REQUIREMENTS, _LONGEST_TEXT, "it is a list of packages on one line, such as python3 (>= 3.11)"
)


def _path(value: str) -> str:
    if len(value) > _LONGEST_LINE or _PATH.fullmatch(value) is None:
        raise ValueError(
            "it is a whole path of letters, digits, _, +, - and ., in which no part begins with ."
        )
    return value


def _text(value: str) -> str:
    if len(value) > _LONGEST_TEXT:
        raise ValueError(f"it is longer than {_LONGEST_TEXT} characters")
    if not value.strip():
        raise ValueError("it is empty")
    if any(not (character.isprintable() or character == "\n") for character in value):
        raise ValueError("it has characters that cannot be printed")
    for line in value.split("\n"):
        # RPM looks at lines for its words and comments when what was quoted is quoted no more, and,
        # like others, goes on with the next line after a backslash.
        if line.lstrip().startswith(("%", "#")) or line.rstrip().endswith("\\"):
            raise ValueError("no line of it may begin with % or #, or end with a backslash")
    return value


def _line(value: str) -> str:
    text = _text(value)
    if "\n" in text or len(text) > _LONGEST_LINE:
        raise ValueError(f"it is one line, of {_LONGEST_LINE} characters at most")
    return text.strip()


def _maintainer(value: str) -> str:
    line = _line(value)
    if _MAINTAINER.fullmatch(line) is None:
        raise ValueError('it is "Name Lastname <email address>"')
    return line


def _empty(check: Callable[[str], str]) -> Callable[[str], str]:
    def checked(value: str) -> str:
        return value and check(value)

    return checked


class PackageOptions(usage.Options):
    """What the commands have that build packages.

    Attributes:
        package: what is to be built, when a command line has been read.
        defaultRequires: the packages that the package needs if it is not said.
    """

    package: Package
    defaultRequires: ClassVar[str]
    #: The option that names the package.
    nameOption: ClassVar[str]
    maintainerNeeded: ClassVar[bool]

    optFlags = [["unsigned", "u", "Do not sign the package."]]
    optParameters = [
        ["tapfile", "t", "twistd.tap", "The application around which the package is built."],
        [
            "type",
            "y",
            None,
            "What the application is: tap, source or xml, as mktap writes them, or python; by "
            "default as its name says.",
        ],
        [
            "protocol",
            "p",
            None,
            "The protocol that is served, for the description; by default the name of the file, "
            "without extensions.",
            _line,
        ],
        ["set-version", "V", "1.0", "The version of the package.", _version],
        ["description", "e", None, "What it is, in one line.", _line],
        ["long_description", "l", None, "What it is, in several lines.", _text],
        [
            "maintainer",
            "m",
            None,
            'The maintainer, "Name Lastname <email address>", whose key signs the package.',
            _maintainer,
        ],
        ["twistd", None, TWISTD, "Where twistd is, on the machines for the package.", _path],
        [
            "requires",
            None,
            None,
            "Packages that have to be there; may be empty. What the application imports comes with "
            "none by itself.",
            _empty(_requirements),
        ],
        ["pidfile", None, None, "The pid file (default: /run/, and the package's name).", _path],
        [
            "rundir",
            None,
            None,
            "The folder to run in, which has to exist (default: its own, in /var/lib/twistd).",
            _path,
        ],
    ]
    compData = usage.Completions(
        optActions={
            "tapfile": usage.CompleteFiles("*.(tap|tas|tax|tac|py)", descr="application"),
            "type": usage.CompleteList(sorted(_forms.FORMS)),
            "output": usage.CompleteDirs(),
        },
    )

    def parseArgs(self, tapfile: str | None = None) -> None:
        """The application may be named without --tapfile, too."""
        if tapfile is not None:
            self["tapfile"] = tapfile

    def postOptions(self) -> None:
        """Settle what the package is to be.

        Raises:
            usage.UsageError: that is not possible; the text says why.
        """
        if self["maintainer"] is None and self.maintainerNeeded:
            raise usage.UsageError('--maintainer is needed: "Name Lastname <email address>"')
        form = self._form()
        application, mode = _read(self["tapfile"])
        try:
            form.check(application)
        except ValueError as problem:
            raise usage.UsageError(f"{self['tapfile']} is no {form.name} file: {problem}")
        protocol = self["protocol"] or os.path.basename(self["tapfile"]).partition(".")[0]
        name = self[self.nameOption] or _nameFor(protocol, self.nameOption)
        summary = self["description"] or f"Server for {_printable(protocol)}, run by twistd"
        requires = self["requires"]
        self.package = Package(
            name=name,
            version=self["set-version"],
            maintainer=self["maintainer"],
            summary=summary,
            description=self["long_description"]
            or f"This package was built by {_options.programName()} around an application, which\n"
            "twistd runs as a service of the system.",
            requires=self.defaultRequires if requires is None else requires,
            form=form,
            application=application,
            mode=mode,
            twistd=self["twistd"],
            pidfile=self["pidfile"] or _pidfile(name),
            rundir=self["rundir"] or _rundir(name),
        )

    def _form(self) -> _forms.Form:
        name = self["type"]
        if name is None:
            try:
                name = sob.guessType(self["tapfile"])
            except KeyError:
                raise usage.UsageError(
                    f"the name of {self['tapfile']} does not say what it is: say so by --type"
                )
            name = _forms.TAP if name == "pickle" else name
        if name not in _forms.FORMS:
            raise usage.UsageError(
                f"--type cannot be {name!r}: there are {', '.join(_forms.FORMS)}"
            )
        return _forms.FORMS[name]


def _nameFor(protocol: str, option: str) -> str:
    words = re.sub(r"[^a-z0-9.]+", "-", protocol.lower()).strip("-")
    if not words:
        raise usage.UsageError(f"{protocol!r} does not name a package well: say --{option}")
    return f"twisted-{words}"[:_LONGEST_NAME]


def _printable(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)


def _read(filename: str) -> tuple[bytes, int]:
    """A file, and the permissions that it has in the package."""
    try:
        with open(filename, "rb") as file:
            status = os.fstat(file.fileno())
            content = file.read()
    except OSError as problem:
        raise usage.UsageError(f"{filename} cannot be read: {problem.strerror}")
    # It belongs to root there; what was for its owner's eyes stays so.
    return content, 0o644 if status.st_mode & stat.S_IROTH else 0o600
