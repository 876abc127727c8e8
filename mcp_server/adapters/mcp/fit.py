"""Keeps an answer inside what a model's context can bear."""

import json
from typing import Any

MAX_CHARACTERS = 6000
"""Of one answer as compact JSON: under 2,000 tokens even for code, which has about three characters to a token."""
_SHORT_TEXT = 200
"""Texts up to this length are kept whole as long as there is anything longer to cut."""


def fit(facts: dict[str, Any], limit: int = MAX_CHARACTERS) -> dict[str, Any]:
    """`facts`, with the longest parts cut until the whole fits; `shortened` names what lost its end.

    The facts themselves are all kept. Long texts (SQL, a diff) give way first, then the ends of lists and maps.
    """
    fitted = facts
    shortened: list[str] = []
    while len(as_text(fitted)) > limit:
        name = max(facts, key=lambda name: _longest_text(fitted[name]))
        shorter = _with_shorter_text(fitted[name]) if _longest_text(fitted[name]) > _SHORT_TEXT else None
        if shorter is None:
            for name in sorted(facts, key=lambda name: len(as_text(fitted[name])), reverse=True):
                shorter = _shorter(fitted[name])
                if shorter is not None:
                    break
            else:
                break
        if name not in shortened:
            shortened.append(name)
        fitted = {**fitted, name: shorter, "shortened": shortened}
    return fitted


def as_text(value: Any) -> str:
    """Compact JSON, the same facts for clients that show text."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _longest_text(value: Any) -> int:
    if isinstance(value, str):
        return len(value)
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return max(map(_longest_text, inner), default=0)


def _with_shorter_text(value: Any) -> Any:
    """The value with the longest text in it halved."""
    if isinstance(value, str):
        return value[: len(value) // 2]
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    longest = max(range(len(items)), key=lambda place: _longest_text(items[place][1]))
    items[longest] = items[longest][0], _with_shorter_text(items[longest][1])
    return dict(items) if isinstance(value, dict) else [item for _, item in items]


def _shorter(value: Any) -> Any:
    """The value with its weightiest part halved; None where nothing can be taken away."""
    if isinstance(value, str):
        return value[: len(value) // 2] if value else None
    if not isinstance(value, list | dict) or not value:
        return None
    items = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    sizes = [len(as_text(item)) for _, item in items]
    heaviest = max(range(len(items)), key=sizes.__getitem__)
    place, item = items[heaviest]
    inner = _shorter(item) if len(items) == 1 or 2 * sizes[heaviest] > sum(sizes) else None
    if inner is not None:
        items[heaviest] = place, inner
    else:
        items = items[: len(items) // 2]
    return dict(items) if isinstance(value, dict) else [item for _, item in items]
