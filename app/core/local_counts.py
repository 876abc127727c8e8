"""Counters of this process, each for one window of time. However many there are, counting costs the same.

`limits` brings such a storage, too, but it looks through all keys whenever one is counted: with those of 100,000 addresses,
a wrong password kept the process from all other work for 120 ms.
"""

from collections import OrderedDict
from time import time
from typing import Protocol

MOST = 100_000
"""Counters kept, some 30 MB; beyond it the one whose window began first is forgotten."""


class Counts(Protocol):
    """What fixed windows need of a storage of `limits`, by its names there."""

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Add to a counter, which begins a window of `expiry` seconds if it has none; the new number."""

    async def get(self, key: str) -> int:
        """The number, 0 without a window."""

    async def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since the epoch."""


class LocalCounts(Counts):
    def __init__(self) -> None:
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()  # in the order in which they began

    async def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        count, ends = self._window(key)
        if not ends:
            if len(self._windows) >= MOST:
                self._windows.popitem(last=False)
            ends = time() + expiry
        self._windows[key] = count + amount, ends
        return count + amount

    async def get(self, key: str) -> int:
        return self._window(key)[0]

    async def get_expiry(self, key: str) -> float:
        return self._window(key)[1] or time()

    def _window(self, key: str) -> tuple[int, float]:
        """Number and end; zeros where there is none, or none any more."""
        count, ends = self._windows.get(key, (0, 0.0))
        if ends > time():
            return count, ends
        self._windows.pop(key, None)
        return 0, 0.0
