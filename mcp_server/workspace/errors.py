"""Expected failures, as data: a stable code, the place, the reason and the way out."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    `code` is stable (`SPEC012`), `place` says where in the caller's input or tree (`fields[2].default`),
    `hint` says what to do next.
    """

    code: str
    place: str
    reason: str
    hint: str

    def __str__(self) -> str:
        return f"{self.code} at {self.place}: {self.reason}. {self.hint}"


class KitError(Exception):
    """An expected failure. Carries every problem found, not only the first."""

    exit_code = 1

    def __init__(self, *problems: Problem) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


class InvalidInput(KitError):
    """What the caller sent cannot be used; nothing was changed."""

    exit_code = 2


class Refused(KitError):
    """The input is well formed, but doing it would not be safe; nothing was changed."""

    exit_code = 3
