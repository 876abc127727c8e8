"""Tokens: what they say, and everything that is refused."""

import json
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Any
from uuid import UUID, uuid4

import jwt
import pytest

from app.core.errors import Unauthenticated
from app.core.tokens import Issued, Tokens, TokenType

SECRET = "a secret of at least thirty-two bytes"
HOUR = timedelta(hours=1)
SUBJECT, SESSION = uuid4(), uuid4()


def tokens(**changes: str) -> Tokens:
    return Tokens(**{"secret": SECRET, "issuer": "issuer", "audience": "audience", **changes})


def issue(made_by: Tokens, kind: TokenType = "access", lifetime: timedelta = HOUR) -> Issued:
    return made_by.issue(kind, subject=SUBJECT, session=SESSION, lifetime=lifetime)


def claims(**changes: Any) -> dict[str, Any]:
    now = int(datetime.now(UTC).timestamp())
    full = {
        "sub": str(SUBJECT),
        "iss": "issuer",
        "aud": "audience",
        "iat": now,
        "exp": now + 60,
        "jti": str(uuid4()),
        "sid": str(SESSION),
        "type": "access",
    } | changes
    return {name: value for name, value in full.items() if value is not None}


def test_round_trip() -> None:
    issued = issue(tokens())
    assert tokens().read(issued.encoded, "access") == issued.token
    assert (issued.token.subject, issued.token.session) == (SUBJECT, SESSION)


def test_claims_are_those_of_the_contract_and_hold_no_integer_id() -> None:
    payload = jwt.decode(issue(tokens()).encoded, options={"verify_signature": False})
    assert set(payload) == {"sub", "iss", "aud", "iat", "exp", "jti", "type", "sid"}
    assert [str(UUID(payload[name])) for name in ("sub", "sid")] == [str(SUBJECT), str(SESSION)]
    assert payload["exp"] - payload["iat"] == 3600


def test_hand_made_claims_are_read() -> None:
    """The refusals below are only worth something if this, which they vary, is accepted."""
    assert tokens().read(jwt.encode(claims(), SECRET, "HS256"), "access").subject == SUBJECT


@pytest.mark.parametrize(
    "changes",
    [
        {"sub": None},
        {"sub": "1"},
        {"sub": 1},
        {"iss": None},
        {"iss": "somebody else"},
        {"aud": None},
        {"aud": "another service"},
        {"aud": ["audience", "another service"]},
        {"exp": None},
        {"exp": 1},
        {"exp": "soon"},
        {"iat": None},
        {"iat": 2**40},
        {"jti": None},
        {"jti": "x"},
        {"sid": None},
        {"sid": "x"},
        {"type": None},
        {"type": "refresh"},
        {"type": "other"},
        {"type": ["access"]},
    ],
    ids=str,
)
def test_refused_claims(changes: dict[str, Any]) -> None:
    altered = {name: value for name, value in (claims() | changes).items() if value is not None}
    encoded = jwt.api_jws.encode(_json(altered), SECRET, "HS256")
    with pytest.raises(Unauthenticated):
        tokens().read(encoded, "access")


def _json(value: object) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize("algorithm", ["HS384", "HS512", "none"])
def test_refused_algorithms(algorithm: str) -> None:
    key = None if algorithm == "none" else SECRET * 2
    encoded = jwt.encode(claims(), key, algorithm)  # type: ignore[arg-type]
    with pytest.raises(Unauthenticated):
        Tokens(secret=SECRET * 2, issuer="issuer", audience="audience").read(encoded, "access")


def test_another_secret() -> None:
    with pytest.raises(Unauthenticated):
        tokens(secret="a different secret of enough bytes here").read(issue(tokens()).encoded, "access")


@pytest.mark.parametrize(
    "garbage",
    ["", ".", "..", "a.b.c", "x" * 3000, "é.ü.ß", "\0", "\ud800", "eyJhbGciOiJIUzI1NiJ9.e30.", "." * 2000],
)
def test_garbage(garbage: str) -> None:
    with pytest.raises(Unauthenticated):
        tokens().read(garbage, "access")


def test_a_changed_payload_breaks_the_signature() -> None:
    header, _payload, signature = issue(tokens()).encoded.split(".")
    _header, other, _signature = issue(tokens(secret="x" * 40)).encoded.split(".")
    with pytest.raises(Unauthenticated):
        tokens().read(f"{header}.{other}.{signature}", "access")


def test_types_do_not_stand_in_for_each_other() -> None:
    made = tokens()
    with pytest.raises(Unauthenticated):
        made.read(issue(made, "refresh").encoded, "access")
    with pytest.raises(Unauthenticated):
        made.read(issue(made, "access").encoded, "refresh")


def test_a_cached_token_still_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    made = tokens()
    encoded = issue(made).encoded
    assert made.read(encoded, "access").subject == SUBJECT

    class Later:
        """A clock that is an hour ahead."""

        @staticmethod
        def now(zone: tzinfo) -> datetime:
            return datetime.now(zone) + HOUR

    monkeypatch.setattr("app.core.tokens.datetime", Later)
    with pytest.raises(Unauthenticated):
        made.read(encoded, "access")
