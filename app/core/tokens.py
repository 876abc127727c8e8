"""Signed tokens (JWT, HS256): issued here, verified once each, their expiry compared on every call.

Claims: `sub` the user's public id, `iss`, `aud`, `iat`, `exp`, `jti`, `type` (access or refresh) and `sid`, the login
session that the token belongs to. No claim holds an integer key.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, Literal
from uuid import UUID, uuid4

import jwt

from app.core.errors import Unauthenticated

TokenType = Literal["access", "refresh"]

MAX_TOKEN_LENGTH = 2048  # ours have about 450 characters; nothing longer is worth parsing
_ALGORITHM = "HS256"
_REFUSED = "the token is not valid"  # one answer for every reason
_CLAIMS = ("sub", "iss", "aud", "iat", "exp", "jti", "type", "sid")
_CLOCK_SKEW = timedelta(seconds=10)  # for `iat` from another host; the expiry is compared without any leeway
_CACHED_TOKENS = 4096


@dataclass(frozen=True, slots=True)
class Token:
    """What a verified token says."""

    subject: UUID
    type: TokenType
    id: UUID
    session: UUID
    expires_at: float  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Issued:
    """A new token and what it says."""

    encoded: str
    token: Token


class Tokens:
    """Issues and reads the tokens of one issuer for one audience."""

    def __init__(self, *, secret: str, issuer: str, audience: str) -> None:
        """`secret` signs the tokens: at least 32 bytes (RFC 7518, section 3.2)."""
        self._secret = secret
        self._issuer = issuer
        self._audience = audience
        # Verification costs more than most queries. Failures are not kept, so garbage cannot push out good tokens.
        self._verified = lru_cache(maxsize=_CACHED_TOKENS)(self._verify)

    def issue(
        self,
        token_type: TokenType,
        *,
        subject: UUID,
        session: UUID,
        lifetime: timedelta,
        token_id: UUID | None = None,
    ) -> Issued:
        """Sign a token for the user whose public id is `subject`."""
        now = datetime.now(UTC)
        expires = int((now + lifetime).timestamp())
        token = Token(subject, token_type, token_id or uuid4(), session, expires)
        claims: dict[str, Any] = {
            "sub": str(subject),
            "iss": self._issuer,
            "aud": self._audience,
            "iat": int(now.timestamp()),
            "exp": expires,
            "jti": str(token.id),
            "type": token_type,
            "sid": str(session),
        }
        return Issued(jwt.encode(claims, self._secret, algorithm=_ALGORITHM), token)

    def read(self, encoded: str, expected: TokenType) -> Token:
        """The content of a valid, unexpired token of the expected type; `Unauthenticated` for anything else."""
        try:
            token = self._verified(encoded)
        # Hostile input ends in more than PyJWT's own errors: text that is not UTF-8, nesting without end.
        except (jwt.InvalidTokenError, ValueError, TypeError, RecursionError) as error:
            raise Unauthenticated(_REFUSED) from error
        if token.type != expected or token.expires_at <= datetime.now(UTC).timestamp():
            raise Unauthenticated(_REFUSED)
        return token

    def _verify(self, encoded: str) -> Token:
        if len(encoded) > MAX_TOKEN_LENGTH:
            raise jwt.InvalidTokenError
        claims = jwt.decode(
            encoded,
            self._secret,
            algorithms=[_ALGORITHM],
            issuer=self._issuer,
            audience=self._audience,
            leeway=_CLOCK_SKEW,
            options={"require": list(_CLAIMS), "strict_aud": True},
        )
        if claims["type"] not in ("access", "refresh"):
            raise jwt.InvalidTokenError
        return Token(
            UUID(claims["sub"]),
            claims["type"],
            UUID(claims["jti"]),
            UUID(claims["sid"]),
            float(claims["exp"]),
        )
