"""What an operation is: a typed request, a typed result, one coroutine and the facts that callers must know."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from mcp_server.operations.context import Context
from mcp_server.operations.result import Request, Result

RequestT = TypeVar("RequestT", bound=Request)
ResultT = TypeVar("ResultT", bound=Result)


@dataclass(frozen=True, slots=True)
class Operation(Generic[RequestT, ResultT]):
    """One thing the kit can do, offered alike by every face.

    `description` (under 600 characters) says what it does that a shell cannot. `reads_only` operations write nothing
    outside `.kit/scratch`; `destructive` ones can lose data or code; `idempotent` ones may be repeated freely.
    """

    name: str
    title: str
    description: str
    request: type[RequestT]
    result: type[ResultT]
    run: Callable[[Context, RequestT], Awaitable[ResultT]]
    reads_only: bool = False
    destructive: bool = False
    idempotent: bool = False


AnyOperation = Operation[Any, Any]
