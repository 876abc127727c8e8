"""Lists of keys, cut into what one statement takes."""

from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")
KEYS_AT_ONCE = 10_000
"""Databases take some 32,000 parameters in one statement."""


def batches(keys: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(keys), KEYS_AT_ONCE):
        yield keys[start : start + KEYS_AT_ONCE]
