"""The base of every request and every result: what the two faces may rely on."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """A piece of a result."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)


class Request(BaseModel):
    """Arguments of an operation. Unknown ones are refused; rejected values are not repeated in errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)


class Result(Part):
    """Facts an operation answers with.

    `root`, `branch` and `tree` say which checkout was worked on and in which state it was left; they are filled by
    `registry.perform`, so that no operation can forget them.
    """

    root: str = ""
    branch: str | None = None
    tree: str = ""

    def facts(self) -> dict[str, Any]:
        """The result as JSON values, without what is empty: the same short facts for every face."""
        return {
            name: value
            for name, value in self.model_dump(mode="json", exclude_none=True).items()
            if value not in ([], {}, "")
        }
