"""What hostile clients send: texts, values, bodies, forms, queries and tokens that no route may choke on."""

from typing import Any


def nested(levels: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(levels - 1):
        value = [value]
    return value


NUL, SURROGATE = "a\0b", "a\ud800b"
UNACCEPTABLE_TEXTS = (NUL, SURROGATE, "\udfff")
ODD_VALUES: tuple[Any, ...] = (
    None, True, -1, 0, 2**31, 2**63, -(2**63) - 1, 10**400, 1.5, 1e308, "", "\ufeff", "\u202e", "NaN", "sNaN", "Infinity",
    "1e999999999", "9" * 5000, "0" * 5000, "-0", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+23:59", [], [[]], {},
    {"a": NUL}, [SURROGATE], {SURROGATE: 1}, "' OR 1=1 --", "x" * 90_000, "%_/", nested(101), nested(500),
)  # fmt: skip
DEEP = 100_000
RAW_BODIES = {
    "empty": b"",
    "null": b"null",
    "text": b'"text"',
    "list": b"[]",
    "cut-off": b'{"name": "a',
    "not-utf-8": b'{"name": "\xff\xfe"}',
    "utf-16": '{"nonsense": 1}'.encode("utf-16"),
    "byte-order-mark": b'\xef\xbb\xbf{"nonsense": 1}',
    "deep-lists": b"[" * DEEP,
    "deep-lists-closed": b"[" * DEEP + b"]" * DEEP,
    "deep-objects": b'{"a":' * DEEP,
    "nan": b'{"name": NaN, "price": NaN}',
    "infinity": b'{"name": -Infinity, "price": Infinity}',
    "huge-integer": b'{"price": ' + b"9" * 5000 + b"}",
    "huge-exponent": b'{"price": 1e999999}',
    "duplicate-keys": b'{"name": "a", "name": {"b": 1}, "name": "\\u0000"}',
    "nul-key": b'{"a\\u0000b": 1}',
    "surrogate-key": b'{"\\ud800": 1}',
    "nested-surrogate-key": b'{"name": {"\\ud800": {"\\udfff": "\\u0000"}}}',
    "nul-byte": b"\0",
}  # fmt: skip
CONTENT_TYPES = (
    "", "text/plain", "application/xml", "application/json; charset=utf-16", "application/", "\xff", ";;;===",
    "multipart/form-data", "multipart/form-data; boundary=", "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded; charset=nonsense",
)  # fmt: skip
FORMS = {
    "nul": b"username=a%00b&password=a%00b",
    "surrogate": b"username=%ED%A0%80&password=%ED%A0%80",
    "not-utf-8": b"username=%FF%FE&password=%FF",
    "raw-bytes": b"username=\xff\xfe&password=\x00",
    "half-escapes": b"username=%&password=%z",
    "many-fields": b"&".join(b"field%d=1" % number for number in range(5000)),
    "repeated": b"username=a&username=b&password=c&password=d",
    "separators": b"&&&;;;===",
    "unknown": b"username=a@example.org&password=b&nonsense=1",
}
UNREADABLE_QUERIES = (
    b"\xff\xfe=\xff", b"%FF=%FF", b"%ED%A0%80=%ED%A0%80", b"%00=%00", b"limit", b"limit=1&limit=2", b"&&&", b"=",
    b"limit=%", b"skip=1e3", b"limit=\xc2\xb2", b"skip=" + b"9" * 5000, b"search=%00", b"search=%FF", b"sort=%00",
    b"search=%ED%A0%80", b"search=" + b"x" * 5000,
)  # fmt: skip
TOKENS = (
    b"", b"Bearer", b"Bearer ", b"Bearer x", b"Bearer a.b.c", b"Basic YTpi", b"bearer \xff\xfe", b"Bearer \xff.\xfe.\xfd", b"Bearer ..",
    b"Bearer " + b"a" * 5000, b"Bearer eyJhbGciOiJub25lIn0.e30.", b"Bearer eyJhbGciOiJub25lIn0.W10.", b"Bearer null", b"Bearer \0",
    b"Bearer " + b"W1tbW1tb" * 200 + b".e30.x",
)  # fmt: skip
HEADERS = (
    b"accept", b"accept-encoding", b"content-length", b"cookie", b"forwarded", b"host", b"origin", b"x-forwarded-for", b"x-request-id",
)  # fmt: skip
HEADER_VALUES = (b"", b"[", b"\xff\xfe", b"\0", b"-1", b"null", b"9" * 5000, b"x" * 5000)
