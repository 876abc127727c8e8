"""Tells the story on the terminal: numbered steps with their times, and what was seen."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter

from rich.console import Console


class StepFailed(Exception):
    """A step did not hold; the demo ends with exit code 1."""


class Teller:
    def __init__(self) -> None:
        self._console = Console(highlight=False, soft_wrap=True)
        self._started = perf_counter()
        self._step = 0
        self.live = sys.stdout.isatty()

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """One numbered step; an exception inside is told and becomes StepFailed."""
        self._step += 1
        started = perf_counter()
        self._console.print(f"\n[bold]{self._step}. {title}[/]")
        try:
            yield
        except StepFailed:
            raise
        except Exception as error:
            raise StepFailed(f"{type(error).__name__}: {error}") from error
        self._console.print(f"   [green]held[/] in {perf_counter() - started:.2f} s")

    def say(self, text: str) -> None:
        self._console.print(f"   {text}", markup=False)

    def progress(self, text: str) -> None:
        """A line that the next one replaces; nothing where output is not a terminal."""
        if self.live:
            self._console.print(f"   {text}".ljust(self._console.width - 1), end="\r", markup=False)

    def fail(self, error: BaseException) -> None:
        self._console.print(f"   [red]did not hold:[/] {error}")

    def end(self, text: str) -> None:
        self._console.print(f"\n[bold]{text}[/] ({perf_counter() - self._started:.1f} s)")


def expect(holds: bool, what: str) -> None:
    """Raise StepFailed unless what the story claims is so."""
    if not holds:
        raise StepFailed(what)
