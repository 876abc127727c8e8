"""The counters of one process: windows that end, and no more of them than there is room for."""

import pytest

from app.core import local_counts
from app.core.local_counts import LocalCounts


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(local_counts, "time", clock)
    return clock


async def test_a_window_begins_with_the_first_count_and_ends_after_its_seconds(clock: Clock) -> None:
    counts, begun = LocalCounts(), clock.now
    assert [await counts.incr("key", 60), await counts.incr("key", 60, amount=2)] == [1, 3]
    clock.now = begun + 59.9
    assert (await counts.get("key"), await counts.get_expiry("key")) == (3, begun + 60)
    clock.now = begun + 60
    assert (await counts.get("key"), await counts.get_expiry("key")) == (0, clock.now)
    assert await counts.incr("key", 60) == 1
    assert await counts.get_expiry("key") == begun + 120


async def test_a_counter_that_was_given_back_keeps_its_window(clock: Clock) -> None:
    counts, begun = LocalCounts(), clock.now
    await counts.incr("key", 60)
    clock.now += 10
    assert await counts.incr("key", 60, amount=-1) == 0
    assert await counts.incr("key", 60) == 1
    assert await counts.get_expiry("key") == begun + 60


async def test_of_too_many_the_one_that_began_first_is_forgotten(
    clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_counts, "MOST", 3)
    counts = LocalCounts()
    for key, seconds in (("first", 3600), ("begun again", 1), ("second", 3600)):
        await counts.incr(key, seconds)
    clock.now += 1
    assert await counts.incr("begun again", 3600) == 1
    assert await counts.incr("first", 3600) == 2
    await counts.incr("new", 3600)
    assert len(counts._windows) == 3
    assert [await counts.get(key) for key in ("first", "second", "begun again", "new")] == [0, 1, 1, 1]
