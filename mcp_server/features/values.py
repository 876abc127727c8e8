"""Values inside a spec: text or YAML scalars turned into the canonical value of a type.

Every function raises ValueError with a reason that can be shown to the caller, and nothing else.
"""

import base64
import binascii
import datetime as dt
import re
import uuid
from decimal import Decimal
from typing import Any, Final

from mcp_server.features.inflection import with_article
from mcp_server.features.spec import BYTES_LENGTH, EMAIL_LENGTH, URL_LENGTH, Default, Number, TypeSpec

_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,40}", re.ASCII)
_DECIMAL: Final = re.compile(r"[+-]?[0-9]{1,60}(?:\.[0-9]{1,60})?", re.ASCII)
_FLOAT: Final = re.compile(r"[+-]?[0-9]{1,60}(?:\.[0-9]{1,60})?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)
# A path is required where pydantic would add one, so that the stored default is what a client would have sent.
_URL: Final = re.compile(
    r"https?://[a-z0-9]+(?:[.-][a-z0-9]+)*(?::[1-9][0-9]{0,3})?/[A-Za-z0-9._~/-]*(?:\?[A-Za-z0-9._~=&-]*)?",
    re.ASCII,
)
_EMAIL: Final = re.compile(r"[A-Za-z0-9_+-]+(?:\.[A-Za-z0-9_+-]+)*@(?:[a-z0-9-]+\.)+[a-z]{2,24}", re.ASCII)


def to_number(type_: TypeSpec, value: Any) -> Number:
    """A bound or default of a number type as int, float or Decimal."""
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        raise ValueError("it is not a number")  # noqa: TRY004 - the caller's mistake, not the kit's
    text = _plain(value)
    if type_.name in ("int", "bigint"):
        if not _INTEGER.fullmatch(text):
            raise ValueError("it is not a whole number")
        return int(text)
    if type_.name == "float":
        if not _FLOAT.fullmatch(text):
            raise ValueError("it is not a number")
        number = float(text)
        if number in (float("inf"), float("-inf")):
            raise ValueError("it is beyond the range of a float")
        return number + 0.0  # -0.0 becomes 0.0
    if not _DECIMAL.fullmatch(text):
        raise ValueError("it is not a decimal number in plain digits")
    exact = Decimal(text)
    return abs(exact) if exact == 0 else exact


def _plain(value: str | float | Decimal) -> str:
    """A number as text, without the exponents that `str` writes; never longer than a hundred characters or so."""
    if isinstance(value, Decimal) and value.is_finite() and -60 < value.adjusted() < 60:
        return format(value, "f")
    return str(value) if not isinstance(value, int) or abs(value) < 10**60 else "too long"


def number_text(value: Number) -> str:
    """The shortest plain text that reads back to an equal number: equal numbers have one text."""
    if not isinstance(value, Decimal):
        return repr(value)
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def to_default(type_: TypeSpec, value: Any) -> Default:
    """A default in canonical form. `value` is the text after `=` or a YAML scalar; bounds are not looked at."""
    name = type_.name
    if name in ("int", "bigint", "float", "decimal"):
        return to_number(type_, value)
    if name == "bool":
        return _to_bool(value)
    if name == "list":
        if value in ([], "[]"):
            return "[]"
        raise ValueError("a list can only start as []")
    if name == "json":
        return _to_empty_json(value)
    if not isinstance(value, str):
        raise ValueError("it must be text")  # noqa: TRY004 - the caller's mistake, not the kit's
    if name in ("string", "text"):
        return value
    if name == "enum":
        if type_.values and value not in type_.values:
            raise ValueError("it is not one of the enum's values")
        return value
    reader = _READERS.get(name)
    if reader is None:
        raise ValueError(f"{with_article(name)} field takes no default")
    return reader(value)


def _to_bool(value: Any) -> bool:
    words = {"true": True, "false": False}
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in words:
        return words[value.lower()]
    raise ValueError("it is neither true nor false")


def _to_empty_json(value: Any) -> str:
    if value in ({}, []) or value in ("{}", "[]"):
        return str(value)
    raise ValueError("a json field can only start as {} or []")


def _to_date(text: str) -> str:
    if text == "today":
        return text
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text, re.ASCII):
        raise ValueError("it is not a date like 2026-01-31, nor 'today'")
    return dt.date.fromisoformat(text).isoformat()


def _to_datetime(text: str) -> str:
    if text == "now":
        return text
    if len(text) > 40 or not text.isascii():
        raise ValueError("it is not a date and time")
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError("it has no offset, as in 2026-01-31T12:00:00+00:00")
    try:
        return moment.astimezone(dt.UTC).isoformat()
    except OverflowError:
        raise ValueError("it is outside the calendar in UTC") from None


def _to_time(text: str) -> str:
    if len(text) > 20 or not text.isascii():
        raise ValueError("it is not a time like 08:30:00")
    moment = dt.time.fromisoformat(text)
    if moment.tzinfo is not None:
        raise ValueError("a time of day has no offset")
    return moment.isoformat()


def _to_uuid(text: str) -> str:
    if len(text) > 40 or not text.isascii():
        raise ValueError("it is not a UUID")
    return str(uuid.UUID(text))


def _to_bytes(text: str) -> str:
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise ValueError("it is not base64") from None
    if len(raw) > BYTES_LENGTH:
        raise ValueError(f"it is longer than {BYTES_LENGTH} bytes")
    return base64.b64encode(raw).decode("ascii")


def _to_email(text: str) -> str:
    if len(text) > EMAIL_LENGTH or not _EMAIL.fullmatch(text) or len(text.partition("@")[0]) > 64:
        raise ValueError("it is not an e-mail address in ASCII with a lower-case domain")
    labels = text.partition("@")[2].split(".")
    reserved = {"test", "localhost", "invalid", "local", "example", "onion", "arpa"}
    if any(not 0 < len(label) < 64 or label[0] == "-" or label[-1] == "-" for label in labels) or (
        labels[-1] in reserved
    ):
        raise ValueError("its domain cannot receive mail")
    return text


def _to_url(text: str) -> str:
    if len(text) > URL_LENGTH or not _URL.fullmatch(text):
        raise ValueError("it is not an http or https address with a lower-case ASCII host")
    return text


_READERS: Final = {
    "date": _to_date,
    "datetime": _to_datetime,
    "time": _to_time,
    "uuid": _to_uuid,
    "bytes": _to_bytes,
    "email": _to_email,
    "url": _to_url,
}
