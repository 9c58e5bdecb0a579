"""Standing in for the distribution Twisted, in real environments."""

from __future__ import annotations

import contextlib
import importlib.metadata
import importlib.util
import io
import os
import sys
from pathlib import Path

import twisted
from twisted import standin
from twisted.test._venv import Environment, torsionWheel, wheel
from twisted.trial import unittest

VERSION = "26.10.0"


def installed(name: str) -> bool:
    """Whether a distribution is installed where the tests run."""
    return bool(list(importlib.metadata.distributions(name=name)))


class _EnvironmentCase(unittest.SynchronousTestCase):
    def setUp(self) -> None:
        if importlib.util.find_spec("pip") is None or not installed("torsion"):
            raise unittest.SkipTest("needs pip, and the project installed")
        self.folder = Path(self.mktemp()).absolute()
        self.folder.mkdir()
        self.venv = Environment(self.folder / "venv")

    def ok(self, done: tuple[int, str]) -> str:
        """What a command wrote, which must have ended well."""
        status, output = done
        self.assertEqual(status, 0, output)
        return output

    def leaf(self, *fields: str) -> Path:
        """A wheel of a package that requires Twisted."""
        return wheel(self.folder, "leaf", "1.0", {"leaf.py": "import twisted"}, *fields)


class EditableTests(_EnvironmentCase):
    """Beside the project as developers install it."""

    def setUp(self) -> None:
        super().setUp()
        self.venv.link("torsion")

    def test_whole(self) -> None:
        """Before, a package that requires Twisted cannot be installed here; afterwards it can."""
        leaf = self.leaf(f"Requires-Dist: Twisted[tls]>={VERSION}", "Requires-Dist: twisted<27")
        status, output = self.venv.pip("install", "--no-index", leaf)
        self.assertNotEqual(status, 0)
        self.assertIn("No matching distribution found for Twisted", output)

        output = self.ok(self.venv.run("-m", "twisted.standin"))
        self.assertIn(f"stands in for Twisted {VERSION}", output)

        output = self.ok(self.venv.pip("install", "--no-index", leaf))
        self.assertIn("Successfully installed leaf-1.0", output)
        self.assertNotIn("Uninstalling", output)
        self.ok(self.venv.pip("check"))
        script = "import leaf, twisted, importlib.metadata as m; print(m.version('twisted'))"
        self.assertEqual(self.ok(self.venv.run("-c", script)), f"{VERSION}\n")

    def test_files(self) -> None:
        """The metadata is what installers expect; and pip removes no more than that."""
        self.ok(self.venv.run("-m", "twisted.standin"))
        info = self.venv.site / f"twisted-{VERSION}.dist-info"
        self.assertEqual(
            sorted(os.listdir(info)), ["INSTALLER", "METADATA", "RECORD"], "and nothing else"
        )
        self.assertEqual([p.name for p in self.venv.site.glob(".standin*")], [])
        self.assertEqual(info.stat().st_mode, self.venv.site.stat().st_mode, "for all to read")
        (found,) = importlib.metadata.distributions(
            name="twisted", path=[os.fspath(self.venv.site)]
        )
        self.assertEqual(found.metadata["Name"], "Twisted")
        self.assertIn("tls", found.metadata.get_all("Provides-Extra") or [])
        self.assertIn("torsion", found.requires or [])
        self.assertIn('torsion[tls]; extra == "tls"', found.requires or [])
        self.assertIn("Installer: twisted.standin", self.ok(self.venv.pip("show", "-v", "Twisted")))
        self.ok(self.venv.pip("uninstall", "--yes", "Twisted"))
        self.assertFalse(info.exists())
        self.ok(self.venv.run("-c", "import twisted.internet.reactor"))

    def test_remove(self) -> None:
        """Writing twice is writing once; removing takes it back."""
        for _ in range(2):
            self.ok(self.venv.run("-m", "twisted.standin"))
        self.assertIn("Removed", self.ok(self.venv.run("-m", "twisted.standin", "--remove")))
        self.assertEqual(list(self.venv.site.glob("twisted-*")), [])
        self.assertIn(
            "nothing to remove", self.ok(self.venv.run("-m", "twisted.standin", "--remove"))
        )

    def test_refusesTheRealOne(self) -> None:
        """Where Twisted itself is, it is neither written over nor removed."""
        self.ok(self.venv.pip("install", "--no-index", wheel(self.folder, "Twisted", "22.1", {})))
        for words in ([], ["--remove"]):
            status, output = self.venv.run("-m", "twisted.standin", *words)
            self.assertEqual((status, len(output.splitlines())), (1, 1), output)
            self.assertIn("Twisted 22.1 itself", output)
            self.assertIn("pip uninstall Twisted", output)


class WheelTests(_EnvironmentCase):
    """Beside the project as its users install it."""

    def setUp(self) -> None:
        super().setUp()
        torsion = torsionWheel(self.folder)
        self.ok(self.venv.pip("install", "--no-index", "--no-compile", torsion))
        self.ok(self.venv.run("-m", "twisted.standin"))

    def test_installs(self) -> None:
        self.ok(self.venv.pip("install", "--no-index", self.leaf("Requires-Dist: Twisted")))
        self.ok(self.venv.pip("check"))
        self.ok(self.venv.run("-c", "import leaf, twisted.internet.reactor"))

    def test_mixed(self) -> None:
        """When Twisted's files are put over ours, the first import says how to mend it."""
        files = {
            "twisted/__init__.py": "",
            "twisted/internet/__init__.py": "",
            "twisted/internet/defer.py": "",
        }
        real = wheel(self.folder, "Twisted", "27.1", files)
        output = self.ok(self.venv.pip("install", "--no-index", real))
        self.assertIn(f"Uninstalling Twisted-{VERSION}", output)
        for name in ("internet.defer", "internet.interfaces", "python.usage", "python.filepath"):
            status, output = self.venv.run("-c", f"import twisted.{name}")
            self.assertEqual(status, 1, name)
            self.assertRegex(
                output.splitlines()[-1],
                r"^ImportError: Twisted and Torsion are installed over each other in .*: run "
                r"`.*python -m pip uninstall --yes Twisted torsion`, and then install the one",
            )
        self.ok(self.venv.pip("uninstall", "--yes", "Twisted", "torsion"))
        self.ok(self.venv.pip("install", "--no-index", "--no-compile", torsionWheel(self.folder)))
        self.ok(self.venv.run("-c", "import twisted.internet.defer"))

    def test_mixedTheOtherWay(self) -> None:
        """When ours are put over Twisted's, `import twisted` says it."""
        (self.venv.site / "twisted" / "internet" / "defer.py").touch()
        status, output = self.venv.run("-c", "import twisted")
        self.assertEqual(status, 1)
        self.assertIn("ImportError: Twisted and Torsion are installed over", output)


class WritingTests(unittest.SynchronousTestCase):
    """The functions, where an environment is not needed."""

    def test_extras(self) -> None:
        """All that the extras come to is there to be asked for."""
        if not installed("torsion"):
            raise unittest.SkipTest("needs the project installed")
        ours = importlib.metadata.metadata("torsion").get_all("Provides-Extra", [])
        wanted = {each for extras in standin._EXTRAS.values() for each in extras}
        self.assertEqual(wanted - set(ours), set())

    def test_version(self) -> None:
        """It is the release whose API is provided."""
        self.assertEqual(VERSION, twisted.__version__)

    def test_notInstalled(self) -> None:
        """Nothing can require a project that is not installed."""
        self.patch(standin, "_find", lambda name: None)
        error = self.assertRaises(standin.CannotStandIn, standin.write)
        self.assertIn("pip install torsion", str(error))

    def test_notWritable(self) -> None:
        folder = self.mktemp()
        Path(folder).write_text("a file")
        distribution = importlib.metadata.PathDistribution(Path(self.mktemp()))
        self.patch(distribution, "_path", Path(folder).parent)
        self.patch(standin, "_find", {"torsion": distribution}.get)
        error = self.assertRaises(standin.CannotStandIn, standin.write, folder)
        self.assertIn("cannot be written", str(error))

    def test_command(self) -> None:
        """Problems go to standard error, and make the exit status 1."""
        self.patch(standin, "_find", lambda name: None)
        with contextlib.redirect_stderr(io.StringIO()) as errors:
            self.assertEqual(standin.main([]), 1)
        self.assertTrue(errors.getvalue().startswith("python -m twisted.standin: "))
        with contextlib.redirect_stdout(io.StringIO()) as output:
            self.assertEqual(standin.main(["--remove"]), 0)
        self.assertEqual(output.getvalue(), "There is nothing to remove\n")
        self.assertNotIn("--remove", sys.argv)
