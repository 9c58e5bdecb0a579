"""tap2deb and tap2rpm: what they build, and what they refuse; installing is tested elsewhere."""

from __future__ import annotations

import gzip
import os
import pickle
import shutil
import subprocess
import tempfile

from twisted.application.test._daemons import ECHO, PATIENCE
from twisted.scripts.test._saving import SavingCase
from twisted.trial import unittest

MAINTAINER = "Foo <foo@example.com>"

#: Text that means something to every language that files of packages are written in.
EVIL = "100% $(touch evil) `touch evil` %(touch evil) %{lua:x} ${S:x} @NAME@ \"' <b> #"


class PackageCase(SavingCase):
    """Builds packages around a file of Python."""

    name = ""

    def setUp(self) -> None:
        super().setUp()
        self.write("echo.tac", ECHO)

    def require(self, *programs: str) -> None:
        """Skip the test unless programs are installed."""
        missing = [program for program in programs if shutil.which(program) is None]
        if missing:
            raise unittest.SkipTest(f"not installed: {', '.join(missing)}")

    def build(self, *arguments: object, application: str = "echo.tac") -> list[str]:
        """Build a package; returns the names of what was built."""
        given = ("--maintainer", MAINTAINER, *arguments, application)
        printed, complaint = self.perform(self.name, *given)
        self.assertIs(complaint, None)
        return printed.splitlines()

    def tool(self, *command: str, given: bytes = b"", status: int = 0) -> str:
        """What a program says about what was built."""
        done = subprocess.run(
            command,
            cwd=self.folder,
            input=given,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=PATIENCE,
            check=False,
        )
        said = done.stdout.decode()
        self.assertEqual(done.returncode, status, said)
        return said

    def makeKey(self) -> None:
        """Give the maintainer a key, in a keyring of its own."""
        self.require("gpg", "gpgconf")
        # Agents listen on sockets there, and the paths of those are short.
        home = tempfile.mkdtemp()
        self.addCleanup(shutil.rmtree, home, ignore_errors=True)
        self.addCleanup(self.tool, "gpgconf", "--homedir", home, "--kill", "all")
        self.setVariable("GNUPGHOME", home)
        self.tool(
            *("gpg", "--batch", "--passphrase", "", "--quick-generate-key", MAINTAINER, "rsa2048")
        )

    def setVariable(self, name: str, value: str) -> None:
        """Set a variable of the environment, programs' too, for the time of the test."""
        before = os.environ.get(name)
        if before is None:
            self.addCleanup(os.environ.pop, name)
        else:
            self.addCleanup(os.environ.__setitem__, name, before)
        os.environ[name] = value


class RequestTests(PackageCase):
    """What both of them refuse."""

    def refuse(self, cases: list[tuple[tuple[object, ...], str]]) -> None:
        """Each command line is refused by both, and nothing is built."""
        before = sorted(os.listdir(self.folder))
        for arguments, reason in cases:
            given = ("--unsigned", "-m", MAINTAINER, *arguments)
            self.assertIn(reason, self.complaint("tap2deb", *given))
            self.assertIn(reason, self.complaint("tap2rpm", *given))
        self.assertEqual(sorted(os.listdir(self.folder)), before)

    def test_options(self) -> None:
        """Nothing of what becomes a line, a path or a part of a script is more than that."""
        self.refuse(
            [
                (("-m", "Foo <foo@example.com>\nDepends: evil", "echo.tac"), "it is one line"),
                (("-m", "Foo", "echo.tac"), 'it is "Name Lastname <email address>"'),
                (("-m", 'Foo <f"o@example.com>', "echo.tac"), 'it is "Name'),
                (("-m", "Foo <foo>", "echo.tac"), 'it is "Name Lastname <email address>"'),
                (("-m", "Foo\x1b[2J <foo@example.com>", "echo.tac"), "cannot be printed"),
                (("-V", "", "echo.tac"), "a version begins with a digit"),
                (("-V", "1.0\nX: y", "echo.tac"), "a version begins with a digit"),
                (("-V", "1.0-1", "echo.tac"), "a version begins with a digit"),
                (("-V", "v1", "echo.tac"), "a version begins with a digit"),
                (("-V", "1/../../etc", "echo.tac"), "a version begins with a digit"),
                (("-V", "1" * 200, "echo.tac"), "a version begins with a digit"),
                (("-d", "Upper", "echo.tac"), "a name has two characters or more"),
                (("-d", "c++", "echo.tac"), "a name has two characters or more"),
                (("-d", "../evil", "echo.tac"), "a name has two characters or more"),
                (("-d", "evil; reboot", "echo.tac"), "a name has two characters or more"),
                (("-d", "evil\n", "echo.tac"), "a name has two characters or more"),
                (("-d", "\u00e9cho", "echo.tac"), "a name has two characters or more"),
                (("-e", "one\ntwo", "echo.tac"), "it is one line"),
                (("-e", "", "echo.tac"), "it is empty"),
                (("-e", "x" * 201, "echo.tac"), "it is one line, of 200 characters at most"),
                (("-e", "one\\", "echo.tac"), "or end with a backslash"),
                (("-p", "echo\nX: y", "echo.tac"), "it is one line"),
                (("-p", "???", "echo.tac"), "does not name a package well"),
                (("-l", "one\rtwo", "echo.tac"), "cannot be printed"),
                (("-l", "one\n%post\nreboot", "echo.tac"), "no line of it may begin with %"),
                (("-l", "one\n # two", "echo.tac"), "no line of it may begin with % or #"),
                (("-l", "one\n  %include /etc/shadow", "echo.tac"), "no line of it may begin"),
                (("-l", "x" * 10_001, "echo.tac"), "longer than 10000 characters"),
                (("--twistd", "twistd", "echo.tac"), "it is a whole path"),
                (("--twistd", "/bin/$(reboot)", "echo.tac"), "it is a whole path"),
                (("--pidfile", "/run/../etc/passwd", "echo.tac"), "it is a whole path"),
                (("--rundir", "/", "echo.tac"), "it is a whole path"),
                (("--rundir", "/srv/a b", "echo.tac"), "it is a whole path"),
                (("--requires", "a\nb", "echo.tac"), "it is a list of packages on one line"),
                (("-y", "json", "echo.tac"), "there are tap, source, xml, python"),
                (("echo.tac", "other.tac"), "Wrong number of arguments"),
            ]
        )

    def test_applications(self) -> None:
        """Files around which there can be no service."""
        self.make("answering")
        self.write("bad.tac", "1 +")
        self.write("cut.tas", "app=Instance(")
        self.write("cut.tax", "<marmalade>")
        self.write("web.tax", "<html/>")
        self.write("empty.tas", "")
        self.write("none.tap", "this is no pickle")
        self.write("plain", ECHO)
        with open(self.path("long.tap"), "wb") as file:
            file.write(pickle.dumps([]) + b"more")
        with open(self.path("secret.etap"), "wb") as file:
            file.write(b"torsion sob\n" + bytes(100))
        self.refuse(
            [
                ((), "twistd.tap cannot be read: No such file or directory"),
                (("missing.tac",), "missing.tac cannot be read: No such file or directory"),
                (("-t", "answering.tac"), "answering.tac cannot be read: No such file"),
                (("answering",), "say so by --type"),
                (("-y", "tap", "answering"), "answering cannot be read: Is a directory"),
                (("plain",), "say so by --type"),
                (("bad.tac",), "bad.tac is no python file: line 1"),
                (("cut.tas",), "cut.tas is no source file: line 1"),
                (("cut.tax",), "cut.tax is no xml file: no element found"),
                (("web.tax",), "web.tax is no xml file: it is a document of <html>"),
                (("empty.tas",), "empty.tas is no source file: it is not one statement"),
                (("-y", "source", "echo.tac"), "echo.tac is no source file: it is not one"),
                (("none.tap",), "none.tap is no tap file"),
                (("long.tap",), "long.tap is no tap file: something follows its end"),
                (("-y", "tap", "echo.tac"), "echo.tac is no tap file"),
                (("-y", "xml", "answering.tap"), "answering.tap is no xml file"),
                (("-y", "python", "answering.tap"), "answering.tap is no python file"),
                (("secret.etap",), "it is encrypted"),
            ]
        )

    def test_notLoaded(self) -> None:
        """To build a package around an application runs nothing of it."""
        self.require("dpkg-deb")
        self.write("echo.tac", f"{ECHO}\nopen({self.path('ran')!r}, 'w')\n")
        self.name = "tap2deb"
        self.build("--unsigned")
        self.assertFalse(os.path.exists(self.path("ran")))

    def test_output(self) -> None:
        """A place that cannot be written."""
        self.require("dpkg-deb")
        given = ("-u", "-m", MAINTAINER, "--output", self.path("echo.tac"), "echo.tac")
        said = self.complaint("tap2deb", *given)
        self.assertIn("echo.tac cannot be written: File exists", said)

    def test_maintainer(self) -> None:
        """Debian's packages have one."""
        said = self.complaint("tap2deb", "--unsigned", "echo.tac")
        self.assertIn("--maintainer is needed", said)

    def test_programs(self) -> None:
        """What has to be installed is told."""
        self.setVariable("PATH", self.folder)
        for name, program in (("tap2deb", "dpkg-deb"), ("tap2rpm", "rpmbuild")):
            said = self.complaint(name, "-u", "-m", MAINTAINER, "echo.tac")
            self.assertIn(f"there is no {program} here: ", said)
            self.assertIn("apt-get install", said)

    def test_help(self) -> None:
        """They say what loading is, and whose rights the code will have."""
        for name in ("tap2deb", "tap2rpm"):
            said = " ".join(self.run_(name, "--help").stdout.split())
            self.assertIn("to load it is to run the code in it", said)
            self.assertIn("as root", said)


class DebianTests(PackageCase):
    """What tap2deb builds."""

    name = "tap2deb"

    def setUp(self) -> None:
        super().setUp()
        self.require("dpkg-deb")

    def contents(self, package: str) -> str:
        """Unpack a package; returns the name of the folder."""
        folder = tempfile.mkdtemp(dir=self.folder)
        self.tool("dpkg-deb", "--raw-extract", package, folder)
        return os.path.relpath(folder, self.folder)

    def test_defaults(self) -> None:
        """All that an upload needs, in .build."""
        built = self.build("--unsigned", "--type=python")
        stem = ".build/twisted-echo_1.0"
        expected = [f"{stem}_all.deb", f"{stem}.tar.xz", f"{stem}.dsc", f"{stem}_all.changes"]
        self.assertEqual(built, expected)
        self.assertEqual(
            sorted(os.listdir(self.path(".build"))), sorted(map(os.path.basename, built))
        )
        control = self.tool("dpkg-deb", "--field", built[0])
        for line in (
            "Package: twisted-echo",
            "Version: 1.0",
            f"Maintainer: {MAINTAINER}",
            "Depends: python3 (>= 3.11)",
            "Description: Server for echo, run by twistd",
        ):
            self.assertIn(f"{line}\n", control)
        folder = self.contents(built[0])
        self.assertEqual(self.read(f"{folder}/etc/twisted-echo/application.tac"), ECHO)
        config = self.read(f"{folder}/DEBIAN/conffiles").splitlines()
        self.assertEqual(
            sorted(config),
            [
                "/etc/default/twisted-echo",
                "/etc/init.d/twisted-echo",
                "/etc/logrotate.d/twisted-echo",
                "/etc/twisted-echo/application.tac",
            ],
        )
        for script in ("postinst", "prerm", "postrm"):
            self.tool("sh", "-n", f"{folder}/DEBIAN/{script}")
        self.tool("sh", "-n", f"{folder}/etc/init.d/twisted-echo")

    def test_options(self) -> None:
        """Each option is where it belongs."""
        built = self.build(
            *("-u", "-p", "RFC 862", "-d", "echoing", "-V", "2.1~rc1", "-e", "An echo."),
            *("-l", "First.\n\nSecond.", "--twistd", "/opt/t/bin/twistd", "--requires", "adduser"),
            *("--pidfile", "/run/e/pid", "--rundir", "/srv/e", "--output", "out"),
        )
        self.assertEqual(built[0], "out/echoing_2.1~rc1_all.deb")
        control = self.tool("dpkg-deb", "--field", built[0])
        self.assertIn("Description: An echo.\n First.\n .\n Second.\n", control)
        self.assertIn("Depends: adduser\n", control)
        folder = self.contents(built[0])
        unit = self.read(f"{folder}/usr/lib/systemd/system/echoing.service")
        start = (
            "ExecStart=/opt/t/bin/twistd --python /etc/echoing/application.tac --no_save "
            "--pidfile /run/e/pid --rundir /srv/e "
            "--logfile /var/log/twistd/echoing/echoing.log $OPTIONS\n"
        )
        self.assertIn(start, unit)
        self.assertIn("PIDFile=/run/e/pid\n", unit)
        self.assertFalse(os.path.exists(self.path(f"{folder}/var/lib/twistd")))
        # The protocol is for the description, if there is none, and for the name.
        built = self.build("-u", "-p", "RFC 862")
        self.assertEqual(built[0], ".build/twisted-rfc-862_1.0_all.deb")
        self.assertIn("Server for RFC 862,", self.tool("dpkg-deb", "--field", built[0]))
        self.assertIn("Version: 1.0\n", self.tool("dpkg-deb", "--field", built[0]))

    def test_types(self) -> None:
        """twistd is told what it gets, by the name of the file or by --type."""
        for style, extension, option in (
            ("pickle", "tap", "--file"),
            ("source", "tas", "--source"),
            ("xml", "tax", "--xml"),
        ):
            self.make("-t", style, "answering")
            folder = self.contents(self.build("-u", application=f"answering.{extension}")[0])
            script = self.read(f"{folder}/etc/init.d/twisted-answering")
            path = f"/etc/twisted-answering/application.{extension}"
            self.assertIn(f" {option} {path} ", script)
            # As it was saved: for its owner alone.
            self.assertEqual(os.stat(self.path(folder + path)).st_mode & 0o777, 0o600)
        shutil.copy(self.path("answering.tap"), self.path("twistd.tap"))
        done = self.run_("tap2deb", "-u", "-y", "tap", "-m", MAINTAINER)
        self.assertIn("twisted-twistd_1.0_all.deb", done.stdout)

    def test_nothingInjected(self) -> None:
        """Text stays text, in every file."""
        evil = "e\nPre-Depends: x $(touch evil).tac"
        shutil.copy(self.path("echo.tac"), self.path(evil))
        maintainer = f"{EVIL.replace('<b>', '')} <foo@example.com>"
        built = self.build(
            "-u",
            "-e",
            EVIL,
            "-l",
            f"{EVIL}\n.\n\n Essential: yes",
            "-m",
            maintainer,
            "--debfile",
            "evil",
            application=evil,
        )
        control = self.tool("dpkg-deb", "--field", built[0])
        self.assertIn(f"Maintainer: {maintainer}\n", control)
        self.assertIn(f"Description: {EVIL}\n {EVIL}\n .\n .\n  Essential: yes\n", control)
        names = [line.partition(":")[0] for line in control.splitlines() if line[0] != " "]
        self.assertEqual(len(names), len(set(names)))
        self.assertNotIn("Essential", names)
        self.assertNotIn("Pre-Depends", names)
        folder = self.contents(built[0])
        self.tool("sh", "-e", f"{folder}/etc/init.d/evil", "status")
        self.assertNotIn("touch", self.read(f"{folder}/DEBIAN/postinst"))
        changelog = f"{folder}/usr/share/doc/evil/changelog.gz"
        with gzip.open(self.path(changelog), "rt") as file:
            self.assertEqual(len(file.read().splitlines()), 5)
        unit = self.read(f"{folder}/usr/lib/systemd/system/evil.service")
        self.assertIn(f"Description={EVIL.replace('%', '%%')}\n", unit)
        built = self.build("-u", application=evil)
        self.assertEqual(built[0], ".build/twisted-e-pre-depends-x-touch-evil_1.0_all.deb")

    def test_unit(self) -> None:
        """systemd finds no fault with the unit."""
        self.require("systemd-analyze")
        folder = self.contents(self.build("-u", "--twistd", "/bin/sh", "-e", EVIL)[0])
        unit = f"{folder}/usr/lib/systemd/system/twisted-echo.service"
        # It complains about others, too, which are none of our business.
        done = subprocess.run(
            ["systemd-analyze", "verify", self.path(unit)],
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        self.assertNotIn(b"twisted-echo", done.stderr)

    def test_source(self) -> None:
        """The source package builds the same package, by Debian's own tools."""
        self.require("dpkg-source", "dpkg-buildpackage", "make")
        binary, _, description, _ = self.build("-u")
        self.tool("dpkg-source", "--no-check", "--extract", description, "source")
        done = subprocess.run(
            ["dpkg-buildpackage", "-us", "-uc", "-b", "-d"],
            cwd=self.path("source"),
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        ours, theirs = self.path(self.contents(binary)), self.contents("twisted-echo_1.0_all.deb")
        os.remove(os.path.join(ours, "DEBIAN/control"))
        os.remove(self.path(f"{theirs}/DEBIAN/control"))
        self.assertEqual(self.tool("diff", "--recursive", ours, theirs), "")

    def test_signed(self) -> None:
        """The descriptions of what is uploaded are signed by the maintainer."""
        self.makeKey()
        description, changes = self.build()[2:]
        for path in (description, changes):
            self.tool("gpg", "--verify", path)
        digest = self.tool("sha256sum", description).split()[0]
        self.assertIn(f" {digest} ", self.read(changes))
        said = self.complaint("tap2deb", "-m", "Bar <bar@example.com>", "echo.tac")
        self.assertIn("gpg failed: ", said)
        self.assertIn("--unsigned builds without", said)


class RPMTests(PackageCase):
    """What tap2rpm builds."""

    name = "tap2rpm"

    def setUp(self) -> None:
        super().setUp()
        self.require("rpm", "rpmbuild")

    def field(self, package: str, tag: str) -> str:
        """A field of a package."""
        return self.tool("rpm", "--query", "--queryformat", f"%{{{tag}}}", "--package", package)

    def test_defaults(self) -> None:
        """A package and its source, in the current directory; the maintainer may be missing."""
        done = self.run_("tap2rpm", "--unsigned", "--type=python", "echo.tac")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        binary, source = done.stdout.splitlines()
        self.assertEqual(binary, "twisted-echo-1.0-1.noarch.rpm")
        self.assertEqual(source, "twisted-echo-1.0-1.src.rpm")
        self.assertEqual(self.field(binary, "SUMMARY"), "Server for echo, run by twistd")
        self.assertEqual(self.field(binary, "PACKAGER"), "(none)")
        needed = self.tool("rpm", "--query", "--requires", "--package", binary)
        self.assertIn("python3 >= 3.11\n", needed)
        listed = self.tool("rpm", "--query", "--configfiles", "--package", binary).splitlines()
        self.assertEqual(
            sorted(listed),
            [
                "/etc/init.d/twisted-echo",
                "/etc/logrotate.d/twisted-echo",
                "/etc/sysconfig/twisted-echo",
                "/etc/twisted-echo/application.tac",
            ],
        )
        self.assertIn("twisted-echo.spec", self.tool("rpm", "-qlp", source))

    def test_options(self) -> None:
        """Each option is where it belongs."""
        binary, _ = self.build(
            *("-u", "-p", "RFC 862", "-d", "echoing", "-V", "2.1~rc1", "-e", "An echo."),
            *("-l", "First.\n\nSecond.", "--twistd", "/opt/t/bin/twistd", "--requires", ""),
            *("--pidfile", "/run/e/pid", "--rundir", "/srv/e", "--output", "out"),
        )
        self.assertEqual(binary, "out/echoing-2.1~rc1-1.noarch.rpm")
        self.assertEqual(self.field(binary, "SUMMARY"), "An echo.")
        self.assertEqual(self.field(binary, "DESCRIPTION"), "First.\n\nSecond.")
        self.assertEqual(self.field(binary, "PACKAGER"), MAINTAINER)
        needed = self.tool("rpm", "--query", "--requires", "--package", binary)
        self.assertNotIn("python3", needed)
        listed = self.tool("rpm", "--query", "--list", "--package", binary)
        self.assertNotIn("/var/lib/twistd", listed)
        self.assertNotIn("/srv/e", listed)

    def test_nothingInjected(self) -> None:
        """Text stays text: no macro is expanded, no section begins."""
        evil = f"{EVIL} %% %(touch evil) %{{!?x:%{{x}}}}"
        text = f"{evil}\n\n: %post\n{evil}"
        binary, _ = self.build(
            "-u", "-e", evil, "-l", text, "-m", f"{evil.replace('<b>', '')} <foo@example.com>"
        )
        self.assertFalse(os.path.exists(self.path("evil")))
        self.assertEqual(self.field(binary, "SUMMARY"), evil)
        self.assertEqual(self.field(binary, "DESCRIPTION"), text)
        self.assertEqual(
            self.field(binary, "PACKAGER"), f"{evil.replace('<b>', '')} <foo@example.com>"
        )
        self.assertNotIn("touch", self.tool("rpm", "-qp", "--scripts", binary))

    def test_signed(self) -> None:
        """Both are signed by the maintainer."""
        self.require("rpmsign")
        self.makeKey()
        for package in self.build():
            self.assertNotEqual(self.field(package, "SIGPGP:pgpsig"), "(none)")
            self.assertNotEqual(self.field(package, "RSAHEADER:pgpsig"), "(none)")
        said = self.complaint("tap2rpm", "-m", "Bar <bar@example.com>", "echo.tac")
        self.assertIn("rpmsign failed: ", said)
        self.assertIn("--unsigned builds without", said)
