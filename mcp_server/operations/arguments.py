"""From a mapping that somebody sent to an operation's request, or to short problems that say what to change."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mcp_server.operations.operation import Operation
from mcp_server.operations.result import Request, Result
from mcp_server.workspace.errors import InvalidInput, Problem

RequestT = TypeVar("RequestT", bound=Request)
ResultT = TypeVar("ResultT", bound=Result)


def parse_arguments(operation: Operation[RequestT, ResultT], arguments: Mapping[str, Any]) -> RequestT:
    """The request, validated once.

    Raises InvalidInput with every problem: ARG001 unknown argument, ARG002 missing argument, ARG003 unusable value.
    """
    try:
        return operation.request.model_validate(arguments)
    except ValidationError as error:
        details = error.errors(include_url=False, include_context=False, include_input=False)
        raise InvalidInput(*_problems(operation.request, details)) from None


def _problems(request: type[Request], details: list[ErrorDetails]) -> list[Problem]:
    # A union reports one error per member; the first one for a place is enough to act on.
    by_place: dict[str, ErrorDetails] = {}
    for detail in details:
        by_place.setdefault(_place(detail), detail)
    return [_problem(request, place, detail) for place, detail in by_place.items()]


def _problem(request: type[Request], place: str, detail: ErrorDetails) -> Problem:
    known = list(request.model_fields)
    if detail["type"] == "extra_forbidden":
        close = get_close_matches(place, known, n=1)
        hint = f"Did you mean `{close[0]}`?" if close else f"Known arguments: {', '.join(known) or 'none'}."
        return Problem("ARG001", place, "there is no such argument", hint)
    field = request.model_fields.get(str(detail["loc"][0])) if detail["loc"] else None
    meaning = (
        field.description if field and field.description else f"Arguments: {', '.join(known) or 'none'}."
    )
    if detail["type"] == "missing":
        return Problem("ARG002", place, "this argument is required", meaning)
    reason = detail["msg"].removeprefix("Value error, ")
    return Problem("ARG003", place, reason[:1].lower() + reason[1:], meaning)


def _place(detail: ErrorDetails) -> str:
    place = ""
    for part in detail["loc"]:
        if isinstance(part, int):
            place += f"[{part}]"
        elif part not in {"str", "int", "float", "bool"} and "[" not in part:  # names of union members
            place += f".{part}" if place else part
    return place[:80] or "arguments"
