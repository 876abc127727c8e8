"""Query parameters that are given more than once where one value is meant: nobody could tell which of them counts."""

from typing import Any

from fastapi import Request
from starlette.datastructures import QueryParams


class Repeated:
    """Stands for the values of such a parameter. No type of a parameter takes it, so that validation names the parameter."""


_REPEATED = Repeated()


class SingleValues(Request):
    """A request whose query has no value for a parameter that is repeated; parameters that are lists have them all."""

    @property
    def query_params(self) -> QueryParams:
        if not hasattr(self, "_query_params"):
            self._query_params = _SingleValues(self.scope["query_string"])
        return self._query_params


class _SingleValues(QueryParams):
    def __getitem__(self, key: Any) -> Any:
        value = super().__getitem__(key)
        return value if len(self.getlist(key)) == 1 else _REPEATED


def repeats(request: Request) -> bool:
    """Whether some parameter of the query is there more than once."""
    if b"&" not in request.scope["query_string"]:
        return False
    query = request.query_params
    return len(query) < len(query.multi_items())
