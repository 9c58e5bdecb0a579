"""An RPM package, and its source package: by `rpmbuild`, from a spec file.

Systems that use RPM differ in their macros for services, so the scripts here use none, and are
told what to do by what is there: systemd, or else the init script.
"""

from __future__ import annotations

import io
import os
import shutil
import tarfile
from pathlib import Path

from twisted.scripts._packages import _service, _tools
from twisted.scripts._packages._request import Package
from twisted.scripts._packages._service import File, fill

_DEFAULTS = "/etc/sysconfig"
_ADVICE = "install rpmbuild (Debian: apt-get install rpm; Fedora: dnf install rpm-build)"

_SPEC = """\
%global debug_package %{nil}
%global __os_install_post %{nil}

Name: @NAME@
Version: @VERSION@
Release: 1
Summary: @SUMMARY@
License: Unknown
@FIELDS@Source0: @NAME@-@VERSION@.tar.gz
BuildArch: noarch
AutoReqProv: no

%description
@DESCRIPTION@

%prep
%setup -q

%build

%install
rm -rf %{buildroot}
mkdir -p %{buildroot}
cp -a . %{buildroot}
mkdir -p @FOLDERS@

%files
%defattr(-,root,root,-)
@FILES@

%post
if [ -d /run/systemd/system ]; then
    systemctl daemon-reload
    if [ "$1" -eq 1 ]; then systemctl enable --quiet @NAME@.service; fi
    systemctl restart @NAME@.service
else
    if [ -x /sbin/chkconfig ]; then /sbin/chkconfig --add @NAME@; fi
    /etc/init.d/@NAME@ restart
fi || echo "@NAME@ did not start" >&2

%preun
if [ "$1" -eq 0 ]; then
    if [ -d /run/systemd/system ]; then
        systemctl disable --quiet --now @NAME@.service || :
    else
        if [ -x /etc/init.d/@NAME@ ]; then /etc/init.d/@NAME@ stop; fi
        if [ -x /sbin/chkconfig ]; then /sbin/chkconfig --del @NAME@; fi
    fi
fi

%postun
if [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
"""


def build(package: Package, scratch: Path, sign: bool) -> list[Path]:
    """Build the package, and its source package.

    Args:
        package: what is to be built.
        scratch: an empty folder.
        sign: whether to sign, with the key of the maintainer, or else with what RPM is set up for.

    Returns:
        The files, in the folder.

    Raises:
        CannotBuild: a program is missing, or failed.
    """
    contents = list(_service.files(package, _DEFAULTS))
    for folder in ("SOURCES", "SPECS"):
        (scratch / folder).mkdir()
    stem = f"{package.name}-{package.version}"
    _pack(scratch / "SOURCES" / f"{stem}.tar.gz", stem, contents)
    spec = scratch / "SPECS" / f"{package.name}.spec"
    spec.write_text(_spec(package, contents), "utf-8")
    top = ["--define", f"_topdir {scratch}"]
    _tools.call("rpmbuild", "-ba", "--quiet", *top, str(spec), cwd=scratch, advice=_ADVICE)
    built = sorted([*scratch.glob("RPMS/*/*.rpm"), *scratch.glob("SRPMS/*.rpm")])
    if sign:
        _sign(built, package, scratch)
    return built


def _sign(built: list[Path], package: Package, scratch: Path) -> None:
    command = ["rpmsign", "--addsign"]
    if package.key is not None:
        command += ["--define", f"_gpg_name {package.key}"]
    gpg = shutil.which("gpg")
    if gpg is not None:
        # Debian's RPM looks for it by a name of before.
        command += ["--define", f"__gpg {_literal(gpg)}"]
    _tools.call(*command, *map(str, built), cwd=scratch, advice="--unsigned builds without")


def _pack(path: Path, stem: str, contents: list[File]) -> None:
    with tarfile.open(path, "w:gz") as archive:
        for file in contents:
            member = tarfile.TarInfo(f"{stem}{file.path}")
            member.size, member.mode = len(file.content), file.mode
            archive.addfile(member, io.BytesIO(file.content))


def _spec(package: Package, contents: list[File]) -> str:
    fields = ""
    if package.maintainer is not None:
        fields += f"Packager: {_literal(package.maintainer)}\n"
    if package.requires:
        fields += f"Requires: {package.requires}\n"
    folders = package.folders
    parents = sorted({os.path.dirname(folder) for folder in folders})
    own = [f"%dir {folder}" for folder in [*parents, *folders, _service.configFolder(package)]]
    values = {
        "DESCRIPTION": _literal(package.description.strip("\n")),
        "FIELDS": fields,
        "FILES": "\n".join([*own, *map(_listed, contents)]),
        "FOLDERS": " ".join(f"%{{buildroot}}{folder}" for folder in folders),
        "NAME": package.name,
        "SUMMARY": _literal(package.summary),
        "VERSION": package.version,
    }
    return fill(_SPEC, values)


def _listed(file: File) -> str:
    config = "%config(noreplace) " if file.isConfig else ""
    return f"{config}%attr({file.mode:04o},root,root) {file.path}"


def _literal(text: str) -> str:
    """Text that is no macro of RPM, whatever is in it."""
    return text.replace("%", "%%")
