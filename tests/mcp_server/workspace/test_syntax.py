"""Source is read the same by many threads at once, and what is none is refused."""

import gc
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from mcp_server.workspace.syntax import parse, require_valid

SOURCES = [path.read_text(encoding="utf-8") for path in sorted(Path(__file__).parent.glob("*.py"))]


@contextmanager
def collecting_often() -> Iterator[None]:
    """A collector that runs Python code while a tree is built, so that threads change there."""
    thresholds = gc.get_threshold()
    gc.set_threshold(20)
    gc.callbacks.append(_busy)
    try:
        yield
    finally:
        gc.callbacks.remove(_busy)
        gc.set_threshold(*thresholds)


def _busy(_phase: str, _info: dict[str, int]) -> None:
    for _ in range(3000):
        pass


def test_threads_do_not_disturb_each_other() -> None:
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with collecting_often(), ThreadPoolExecutor(4) as pool:
            trees = list(pool.map(parse, SOURCES * 4))
    finally:
        sys.setswitchinterval(interval)
    assert len(trees) == len(SOURCES) * 4


@pytest.mark.parametrize("source", [b"return 1\n", b"def f(a, a): ...\n", b"def broken(:\n"])
def test_what_python_would_refuse_is_refused(source: bytes) -> None:
    with pytest.raises(SyntaxError):
        require_valid(source)


@pytest.mark.parametrize(
    "source", ["x = '\0'\n", "x = '\ud800'\n", "(" * 1000, "-" * 100_000 + "1", "def broken(:\n"]
)
def test_what_cannot_be_read_is_one_kind_of_error(source: str) -> None:
    with pytest.raises(SyntaxError):
        parse(source)
