"""Labels that get other names inside the lists of a JSON column, as SQL that is the same for every database."""

import json
from collections.abc import Iterator, Mapping

from mcp_server.migrations.expression import Expression, Statement, call, listing, string

_ESCAPES = (("\\\\", "\\u005c"), ('\\"', "\\u0022"))
"""How JSON writes a backslash and a quote, and how it may write them as well: then every quote is the end of a text, and a
label between quotes cannot be a part of another one."""


def relabel_items(cell: str, pairs: Mapping[str, str]) -> tuple[Iterator[Statement], Expression, Expression]:
    """What has to be said first, the condition of the rows that hold one of the labels, and the new value of `cell`."""
    texts = call("sa.cast", cell, "sa.Text()")
    tokens = [(token, _plain(json.dumps(new))) for old, new in pairs.items() for token in _written(old)]
    changes = [*_ESCAPES, *((_plain(token), new) for token, new in tokens)]
    listed = listing([f"({string(old)}, {string(new)})" for old, new in changes])
    body = Statement("sa.func.replace(texts, old, new)", before="texts = ")
    prepare = (
        Statement(texts, before="texts = "),
        Statement(listed, before="for old, new in ", after=":", body=(body,)),
    )
    # The casts of SQLite and MySQL know no JSON.
    kind = 'sa.Text().with_variant(sa.JSON(), "postgresql")'
    forms = dict.fromkeys(form for token, _ in tokens for form in (token, _plain(token)))
    holds = [call(f"sa.cast({cell}, sa.Text()).contains", string(form), "autoescape=True") for form in forms]
    return (
        iter(prepare),
        holds[0] if len(holds) == 1 else call("sa.or_", *holds),
        call("sa.cast", "texts", kind),
    )


def _written(label: str) -> list[str]:
    """The label as JSON: as Python writes it, and as others may."""
    return list(dict.fromkeys((json.dumps(label), json.dumps(label, ensure_ascii=False))))


def _plain(token: str) -> str:
    """A text between quotes without any other quote, or a backslash that stands for itself."""
    inner = token[1:-1]
    for old, new in _ESCAPES:
        inner = inner.replace(old, new)
    return f'"{inner}"'
