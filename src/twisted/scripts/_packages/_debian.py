"""A Debian package, its source package, and the description of both for an upload.

Theory of operation.  The binary package is laid out in a folder, and `dpkg-deb` makes an archive
of it; nothing else of Debian is needed.  The source package has the same files under ``root``, and
the control files and scripts under ``debian``, with a ``rules`` file of a few lines: what one edits
to polish what no program can know, and what `dpkg-buildpackage` builds.

Services are started and stopped by `invoke-rc.d`, which knows whether there is a systemd, and asks
``policy-rc.d`` whether it may.  In a container that has no init system at all it would start none,
so there the script asks and starts.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import re
import tarfile
import time
from collections.abc import Iterable
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path

from twisted.scripts._packages import _service, _tools
from twisted.scripts._packages._request import Package
from twisted.scripts._packages._service import File, fill

_DEFAULTS = "/etc/default"
_SECTION = "net"
_STANDARDS = "4.6.2"
_ADVICE = "apt-get install dpkg"

_POSTINST = """\
#!/bin/sh
set -e
# The other words with which this is called: configure, and those of a removal that was given up.
case "$1" in triggered) exit 0 ;; esac
# The administrator may have disabled it since the first time.
if [ "$1" = configure ] && [ -z "$2" ] && [ -x /usr/bin/deb-systemd-helper ]; then
    deb-systemd-helper enable @NAME@.service >/dev/null
fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
update-rc.d @NAME@ defaults >/dev/null
may_start() {
    [ -x /usr/sbin/policy-rc.d ] || return 0
    answer=0
    /usr/sbin/policy-rc.d @NAME@ start || answer=$?
    # Yes, and no opinion.
    case $answer in 0 | 104 | 1 | 105) return 0 ;; *) return 1 ;; esac
}
has_runlevel() {
    level=$(runlevel 2>/dev/null) && [ -n "$level" ]
}
start() {
    if [ -d /run/systemd/system ] || has_runlevel; then
        invoke-rc.d @NAME@ start
    elif may_start; then
        # A container or chroot without a runlevel, for which invoke-rc.d starts nothing.
        /etc/init.d/@NAME@ start
    fi
}
# What cannot start is no reason to leave the package half configured: it says why.
start || echo "@NAME@ did not start" >&2
"""

_PRERM = """\
#!/bin/sh
set -e
if [ -x /etc/init.d/@NAME@ ]; then invoke-rc.d @NAME@ stop; fi
"""

_POSTRM = """\
#!/bin/sh
set -e
if [ "$1" = purge ]; then
    rm -rf @OWN@
    # The last of its kind goes.
    rmdir /var/log/twistd /var/lib/twistd 2>/dev/null || true
    update-rc.d @NAME@ remove >/dev/null
    if [ -x /usr/bin/deb-systemd-helper ]; then
        deb-systemd-helper purge @NAME@.service >/dev/null
    fi
fi
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
"""

_COPYRIGHT = """\
This package was made by tap2deb, of Torsion, which takes no rights in it. Its application belongs
to those who wrote it; this is the place to say under which terms it may be passed on.
"""

_CHANGELOG = """\
@NAME@ (@VERSION@) unstable; urgency=medium

  * Built by tap2deb.

 -- @MAINTAINER@  @DATE@
"""

_RULES = """\
#!/usr/bin/make -f

BUILT = debian/@NAME@

build build-arch build-indep:

clean:
\trm -rf $(BUILT) debian/files

binary-arch:

binary binary-indep:
\trm -rf $(BUILT)
\tcp -a root $(BUILT)
\tmkdir -p @FOLDERS@ $(BUILT)/DEBIAN
\tfor part in conffiles postinst prerm postrm; do cp -p debian/$$part $(BUILT)/DEBIAN/; done
\tchmod -R u=rwX,go=rX $(BUILT)
\tchmod @MODE@ $(BUILT)@APPLICATION@
\tdpkg-gencontrol -P$(BUILT)
\tdpkg-deb --root-owner-group --build $(BUILT) ..

.PHONY: binary binary-arch binary-indep build build-arch build-indep clean
"""


def build(package: Package, scratch: Path, sign: bool) -> list[Path]:
    """Build all that belongs to an upload.

    Args:
        package: what is to be built.
        scratch: an empty folder.
        sign: whether to sign, with the key of the maintainer.

    Returns:
        The files, in the folder.

    Raises:
        CannotBuild: a program is missing, or failed.
    """
    now = _now()
    values = _values(package, now)
    contents = _contents(package, values)
    scripts = _scripts(package, contents, values)
    stem = f"{package.name}_{package.version}"
    binary = scratch / f"{stem}_all.deb"
    tree = scratch / "tree"
    control = File("/DEBIAN/control", _control(package, contents).encode())
    members = [script._replace(path=f"/DEBIAN{script.path}") for script in scripts]
    _tools.lay(tree, [*contents, control, *members], package.folders)
    command = ["dpkg-deb", "--root-owner-group", "--build", str(tree), str(binary)]
    _tools.call(*command, cwd=scratch, advice=_ADVICE)
    source = scratch / f"{stem}.tar.xz"
    _pack(source, package, _source(package, contents, scripts, values), now)
    described = scratch / f"{stem}.dsc"
    described.write_text(_dsc(package, [source]), "utf-8")
    if sign:
        _sign(described, package)
    changes = scratch / f"{stem}_all.changes"
    changes.write_text(_changes(package, values, [described, source, binary]), "utf-8")
    if sign:
        _sign(changes, package)
    return [binary, source, described, changes]


def _now() -> int:
    """The time of the build; https://reproducible-builds.org/specs/source-date-epoch says which."""
    given = os.environ.get("SOURCE_DATE_EPOCH", "")
    return int(given) if given.isdecimal() else int(time.time())


def _values(package: Package, now: int) -> dict[str, str]:
    return {
        "DATE": format_datetime(datetime.fromtimestamp(now, UTC)),
        "MAINTAINER": str(package.maintainer),
        "NAME": package.name,
        "OWN": " ".join(package.leftovers),
        "VERSION": package.version,
    }


def _contents(package: Package, values: dict[str, str]) -> list[File]:
    """The files that are installed."""
    documents = f"/usr/share/doc/{package.name}"
    return [
        *_service.files(package, _DEFAULTS),
        File(f"{documents}/copyright", _COPYRIGHT.encode()),
        File(
            f"{documents}/changelog.gz", gzip.compress(fill(_CHANGELOG, values).encode(), mtime=0)
        ),
    ]


def _scripts(package: Package, contents: list[File], values: dict[str, str]) -> list[File]:
    """The control files beside ``control``, the same for the binary and in the source."""
    conffiles = "".join(f"{file.path}\n" for file in contents if file.isConfig)
    found = [File("/conffiles", conffiles.encode())]
    for name, script in (("postinst", _POSTINST), ("prerm", _PRERM), ("postrm", _POSTRM)):
        found.append(File(f"/{name}", fill(script, values).encode(), 0o755))
    return found


def _control(package: Package, contents: Iterable[File]) -> str:
    """The control file of the binary package."""
    size = sum(len(file.content) // 1024 + 1 for file in contents)
    fields = {
        "Package": package.name,
        "Version": package.version,
        "Architecture": "all",
        "Maintainer": str(package.maintainer),
        "Installed-Size": str(size),
        **_requirements(package.requires),
        "Section": _SECTION,
        "Priority": "optional",
        "Description": _description(package),
    }
    return _paragraph(fields)


def _requirements(requires: str) -> dict[str, str]:
    return {"Depends": requires} if requires else {}


def _description(package: Package) -> str:
    """The description (Policy 5.6.13): after the first, lines begin with a space, or are a dot."""
    lines = [line.rstrip() for line in package.description.strip("\n").split("\n")]
    return "\n".join([package.summary, *(f" {line or '.'}" for line in lines)])


def _paragraph(fields: dict[str, str]) -> str:
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def _source(
    package: Package, contents: list[File], scripts: list[File], values: dict[str, str]
) -> list[File]:
    """The files of the source package."""
    general = {
        "Source": package.name,
        "Section": _SECTION,
        "Priority": "optional",
        "Maintainer": str(package.maintainer),
        "Standards-Version": _STANDARDS,
        "Rules-Requires-Root": "no",
    }
    special = {
        "Package": package.name,
        "Architecture": "all",
        **_requirements(package.requires),
        "Description": _description(package),
    }
    folders = " ".join(f"$(BUILT){folder}" for folder in package.folders)
    rules = {
        **values,
        "APPLICATION": _service.applicationPath(package),
        "FOLDERS": folders,
        "MODE": f"{package.mode:o}",
    }
    return [
        *(file._replace(path=f"/root{file.path}") for file in contents),
        *(script._replace(path=f"/debian{script.path}") for script in scripts),
        File("/debian/control", f"{_paragraph(general)}\n{_paragraph(special)}".encode()),
        File("/debian/changelog", fill(_CHANGELOG, values).encode()),
        File("/debian/copyright", _COPYRIGHT.encode()),
        File("/debian/rules", fill(_RULES, rules).encode(), 0o755),
        File("/debian/source/format", b"3.0 (native)\n"),
    ]


def _pack(path: Path, package: Package, files: Iterable[File], now: int) -> None:
    with tarfile.open(path, "w:xz") as archive:
        for file in files:
            member = tarfile.TarInfo(f"{package.name}-{package.version}{file.path}")
            member.size, member.mode, member.mtime = len(file.content), file.mode, now
            archive.addfile(member, io.BytesIO(file.content))


def _dsc(package: Package, files: Iterable[Path]) -> str:
    """The description of the source package (Policy 5.4)."""
    fields = {
        "Format": "3.0 (native)",
        "Source": package.name,
        "Binary": package.name,
        "Architecture": "all",
        "Version": package.version,
        "Maintainer": str(package.maintainer),
        "Standards-Version": _STANDARDS,
        "Package-List": f"\n {package.name} deb {_SECTION} optional arch=all",
        **_checksums(files),
        "Files": _listed(files, "md5", ""),
    }
    return _paragraph(fields)


def _changes(package: Package, values: dict[str, str], files: Iterable[Path]) -> str:
    """The description of an upload (Policy 5.5)."""
    entry = re.sub(r"^", " ", fill(_CHANGELOG, values).rpartition("\n --")[0].strip(), flags=re.M)
    fields = {
        "Format": "1.8",
        "Date": values["DATE"],
        "Source": package.name,
        "Binary": package.name,
        "Architecture": "source all",
        "Version": package.version,
        "Distribution": "unstable",
        "Urgency": "medium",
        "Maintainer": str(package.maintainer),
        "Changed-By": str(package.maintainer),
        "Description": f"\n {package.name} - {package.summary}",
        "Changes": "\n" + re.sub(r"^ $", " .", entry, flags=re.M),
        **_checksums(files),
        "Files": _listed(files, "md5", f"{_SECTION} optional "),
    }
    return _paragraph(fields)


def _checksums(files: Iterable[Path]) -> dict[str, str]:
    return {
        "Checksums-Sha1": _listed(files, "sha1", ""),
        "Checksums-Sha256": _listed(files, "sha256", ""),
    }


def _listed(files: Iterable[Path], algorithm: str, remark: str) -> str:
    lines = [""]
    for path in files:
        content = path.read_bytes()
        digest = hashlib.new(algorithm, content, usedforsecurity=False).hexdigest()
        lines.append(f" {digest} {len(content)} {remark}{path.name}")
    return "\n".join(lines)


def _sign(path: Path, package: Package) -> None:
    signed = path.with_name(f"{path.name}.asc")
    command = ["gpg", "--clearsign", "--local-user", str(package.key)]
    command += ["--output", str(signed), str(path)]
    _tools.call(*command, cwd=path.parent, advice="--unsigned builds without")
    signed.replace(path)
