"""Types of the values that bodies and queries hold: each accepts exactly what every supported database can store."""

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Context, Decimal
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BeforeValidator,
    EmailStr,
    Field,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    HttpUrl,
    JsonValue,
    PlainSerializer,
    TypeAdapter,
    WithJsonSchema,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

_WIDE = Context(prec=100)
"""Enough digits for every decimal that a database column can hold."""


def _in_utc(value: datetime) -> datetime:
    try:
        return value.astimezone(UTC)
    except OverflowError as error:
        raise ValueError("the instant is out of range in UTC") from error


def _written_out(value: Any) -> Any:
    """ISO 8601, not a count of seconds, which has neither an offset nor a unit."""
    if isinstance(value, int | float) or (isinstance(value, str) and not {"-", ":"} & set(value[1:])):
        raise ValueError("must be written as ISO 8601 has it")
    return value


def _without_offset(value: time) -> time:
    if value.tzinfo is not None:
        raise ValueError("a time of day has no offset")
    return value


def _decoded(value: Any) -> Any:
    return b64decode(value, validate=True) if isinstance(value, str) else value


def _web_address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError(
            "an address begins with http:// or https:// and a host, and is ASCII without blanks or control characters:"
            " escape others as %XX"
        )
    _HTTP_URL.validate_python(value)
    return value


def bare_address(value: Any) -> Any:
    """Refuse `Ada <ada@example.org>`, of which Pydantic would take the address without a word about the rest."""
    if isinstance(value, str) and "<" in value:
        raise ValueError("must be an e-mail address alone, without a name or angle brackets")
    return value


def _json(value: Any) -> Any:
    if isinstance(value, dict | list):
        return value
    # Pydantic would tell of each alternative, by its own name.
    raise ValueError("must be a JSON object or array")


def _distinct(values: list[UUID]) -> list[UUID]:
    if len(set(values)) < len(values):
        raise ValueError("must not name a row twice")
    return values


_IN_HOST = r"[A-Za-z0-9._~:@!$&'()*+,;=\[\]-]|%[0-9A-Fa-f]{2}"
_ADDRESS = re.compile(rf"https?://({_IN_HOST})+([/?#]({_IN_HOST}|[/?#])*)?")
"""The characters of RFC 3986: what a parser would drop, or read as another address, is not kept. Brackets may stand in a
query, as browsers leave them there."""

_HTTP_URL: TypeAdapter[HttpUrl] = TypeAdapter(HttpUrl)

INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1
INT64_MIN, INT64_MAX = -(2**63), 2**63 - 1
Int32 = Annotated[int, Field(ge=INT32_MIN, le=INT32_MAX)]
Int64 = Annotated[int, Field(ge=INT64_MIN, le=INT64_MAX)]

Instant = Annotated[AwareDatetime, BeforeValidator(_written_out), AfterValidator(_in_utc)]
"""A datetime with an offset; kept in UTC."""

CalendarDate = Annotated[date, BeforeValidator(_written_out)]

TimeOfDay = Annotated[
    time,
    BeforeValidator(_written_out),
    AfterValidator(_without_offset),
    WithJsonSchema(
        {"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,6})?)?$"}
    ),
]
"""A time without an offset, which JSON Schema's format `time` would require."""

EMAIL_MAX = 254
"""RFC 5321 leaves so many octets for an address."""

Email = Annotated[EmailStr, BeforeValidator(bare_address), Field(max_length=EMAIL_MAX)]
"""An address as `email-validator` writes it: blanks around it are dropped, the domain is in lower case and no punycode."""

WebAddress = Annotated[
    str,
    Field(max_length=2048, json_schema_extra={"format": "uri", "pattern": f"^{_ADDRESS.pattern}$"}),
    AfterValidator(_web_address),
]
"""An http or https URL, kept as it was sent."""

Json = Annotated[dict[str, JsonValue] | list[JsonValue], BeforeValidator(_json)]
"""A JSON object or array."""

BYTES_MAX = 65_536
Base64 = Annotated[
    bytes,
    Field(max_length=BYTES_MAX),
    BeforeValidator(_decoded),
    PlainSerializer(lambda value: b64encode(value).decode(), return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "contentEncoding": "base64", "maxLength": (BYTES_MAX + 2) // 3 * 4}),
]
"""Bytes, as base64 in JSON."""

PlainDecimal = Annotated[
    Decimal, PlainSerializer(lambda value: format(value, "f"), return_type=str, when_used="json")
]
"""A decimal of many places in an answer: Python itself writes `0.0000000` as `0E-7`, which no body may hold."""

PlainUUID = Annotated[
    UUID,
    PlainSerializer(str, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "uuid"}),
]
"""A UUID in an answer. PostgreSQL's driver has a class of its own for them, which Pydantic takes long to recognise and the
class itself writes at once."""


@dataclass(frozen=True, slots=True)
class _Scaled:
    digits: int
    places: int

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        number: Any = {**handler(source), "max_digits": self.digits, "decimal_places": self.places}
        written = partial(_written_plainly, re.compile(self._pattern))
        plain = core_schema.no_info_before_validator_function(written, number)
        return core_schema.no_info_after_validator_function(self._quantized, plain)

    def __get_pydantic_json_schema__(
        self, core: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(core)
        number, text = described["anyOf"]
        if not {"minimum", "exclusiveMinimum"} & number.keys():
            number["exclusiveMinimum"] = -(10 ** (self.digits - self.places))
        if not {"maximum", "exclusiveMaximum"} & number.keys():
            number["exclusiveMaximum"] = 10 ** (self.digits - self.places)
        lowest = number.get("minimum", number.get("exclusiveMinimum"))
        text["pattern"] = self._pattern if lowest < 0 else self._pattern.replace("-?", "", 1)
        return described

    @property
    def _pattern(self) -> str:
        whole = max(self.digits - self.places, 1)
        fraction = rf"(\.[0-9]{{1,{self.places}}})?" if self.places else ""
        return rf"^-?[0-9]{{1,{whole}}}{fraction}$"

    def _quantized(self, value: Decimal) -> Decimal:
        return value.quantize(Decimal(1).scaleb(-self.places), context=_WIDE) + 0


def scaled(digits: int, places: int) -> _Scaled:
    """A decimal of at most `digits` digits, exactly `places` of them behind the point, as the database keeps it.

    Text is taken in plain notation: `12.50`, not `1.25e1` or `1_2`.
    """
    return _Scaled(digits, places)


def _written_plainly(pattern: re.Pattern[str], value: Any) -> Any:
    if isinstance(value, str) and not pattern.fullmatch(value):
        raise ValueError("must be a number in plain notation, with no more digits than can be kept")
    return value


LINKS_MAX = 100
PublicIds = Annotated[
    list[UUID],
    AfterValidator(_distinct),
    Field(max_length=LINKS_MAX, json_schema_extra={"uniqueItems": True}),
]
"""The rows that a row is linked to, each named once."""
