"""Packages that only benchmarks use, in a folder of their own: neither the service nor the kit ever sees them."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
_REQUIREMENTS = Path(__file__).with_name("requirements.txt")
_INSTALL_SECONDS = 180


def extras_folder() -> Path | None:
    """The folder that holds the packages, installed on the first call; None when the registry cannot be reached."""
    wanted = hashlib.sha256(_REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()[:12]
    folder = ROOT / ".kit" / "scratch" / "benchmarks" / f"packages-{wanted}"
    if folder.is_dir():
        return folder
    unfinished = folder.with_name(f"{folder.name}.unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    for installer in _installers():
        command = [*installer, "--quiet", "--target", str(unfinished), "--requirement", str(_REQUIREMENTS)]
        try:
            subprocess.run(command, check=True, capture_output=True, timeout=_INSTALL_SECONDS)  # noqa: S603
        except (OSError, subprocess.SubprocessError):
            continue
        unfinished.rename(folder)
        return folder
    return None


def _installers() -> list[list[str]]:
    """uv where it is (a virtual environment made by it has no pip), otherwise pip."""
    beside = ROOT / ".tools" / "bin" / "uv"
    uv = shutil.which("uv") or (str(beside) if beside.is_file() else None)
    found = [[sys.executable, "-m", "pip", "install"]]
    if uv is not None:
        found.insert(0, [uv, "pip", "install", "--python", sys.executable])
    return found
