"""Which tools a workspace's gates run with: the interpreter and the versions of its packages, without starting it."""

import hashlib
import re
import sys
import sysconfig
from collections.abc import Iterable
from pathlib import Path

_DIST_INFO = re.compile(r"^(?P<name>.+?)-(?P<version>[^-]+)\.dist-info$")


def interpreter(python: Path) -> str:
    """Identify an interpreter by its real binary and, in a virtual environment, by what the environment says."""
    binary = python.resolve()
    facts = binary.stat()
    config = python.parent.parent / "pyvenv.cfg"
    environment = config.read_bytes() if config.is_file() else b""
    return f"{binary}:{facts.st_size}:{facts.st_mtime_ns}:{hashlib.sha256(environment).hexdigest()[:12]}"


def versions(python: Path, tools: Iterable[str]) -> dict[str, str]:
    """Map each distribution to the version installed beside `python`, "missing" where it is not.

    "*" stands for every installed distribution. The names of the `.dist-info` directories are enough: one listing
    costs a millisecond where starting an interpreter costs fifty.
    """
    wanted = tuple(tools)
    if not wanted:
        return {}
    installed: dict[str, str] = {}
    for folder in site_packages(python):
        for entry in folder.glob("*.dist-info"):
            if match := _DIST_INFO.match(entry.name):
                installed.setdefault(_normal(match["name"]), match["version"])
    if "*" in wanted:
        return dict(sorted(installed.items()))
    return {name: installed.get(_normal(name), "missing") for name in wanted}


def site_packages(python: Path) -> tuple[Path, ...]:
    """Return the directories that `python` loads distributions from, nearest first."""
    home = python.parent.parent
    if (home / "pyvenv.cfg").is_file():
        found = [*home.glob("lib/python*/site-packages"), *home.glob("Lib/site-packages")]
    elif python.resolve() == Path(sys.executable).resolve():
        found = [Path(sysconfig.get_path("purelib")), Path(sysconfig.get_path("platlib"))]
        found += [Path(entry) for entry in sys.path if entry.endswith(("site-packages", "dist-packages"))]
    else:
        real = python.resolve().parent.parent
        found = [*real.glob("lib/python*/site-packages"), *real.glob("lib/python*/dist-packages")]
    return tuple(dict.fromkeys(folder for folder in found if folder.is_dir()))


def _normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
