"""Tests that draw their examples draw the same ones on every run, and take as long as the machine needs."""

from hypothesis import settings


def test_a_run_depends_on_no_chance_and_no_clock() -> None:
    assert settings().derandomize
    assert settings().database is None
    assert settings().deadline is None
