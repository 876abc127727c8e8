"""A git without anybody's settings, and a way to wait for other processes without sleeping."""

import asyncio
import os
import select
from collections.abc import Iterator
from pathlib import Path

import pytest

SECONDS = 120.0
"""How long a test waits for another process before it calls that a failure."""


@pytest.fixture(scope="session", autouse=True)
def plain_git(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Git as it is installed: no signatures, hooks, ignored files or line ends that the user or the machine asks for."""
    settings = tmp_path_factory.mktemp("git") / "config"
    settings.write_text("[safe]\n\tdirectory = *\n")  # the checkout may belong to somebody else
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GIT_CONFIG_GLOBAL", str(settings))
        patch.setenv("GIT_CONFIG_NOSYSTEM", "1")
        yield


class Mailbox:
    """A named pipe into which other processes write lines."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        # Open for both directions: neither side waits for the other, and the end of one writer is not the end.
        self._descriptor = os.open(path, os.O_RDWR)
        self._rest = b""

    def read_line(self) -> str:
        """The next line; fails when none comes."""
        while b"\n" not in self._rest:
            ready, _, _ = select.select([self._descriptor], [], [], SECONDS)
            assert ready, f"nobody wrote to {self.path.name}"
            self._rest += os.read(self._descriptor, 4096)
        line, _, self._rest = self._rest.partition(b"\n")
        return line.decode()

    async def line(self) -> str:
        """The same without blocking the loop."""
        return await asyncio.to_thread(self.read_line)

    def close(self) -> None:
        os.close(self._descriptor)


@pytest.fixture
def mailbox(tmp_path: Path) -> Iterator[Mailbox]:
    box = Mailbox(tmp_path / "mailbox")
    yield box
    box.close()


def is_gone(pid: int) -> bool:
    """Whether the process ends within the time a test waits, or has ended."""
    try:
        descriptor = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    try:
        ended, _, _ = select.select([descriptor], [], [], SECONDS)
        return bool(ended)
    finally:
        os.close(descriptor)
