"""Logging in and staying so: the OAuth2 password form, refresh tokens, and the pair of tokens they buy."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, SecretStr, field_validator

from app.core.tokens import MAX_TOKEN_LENGTH
from app.schemas.base import ReadSchema, Schema
from app.schemas.fields import EMAIL_MAX, bare_address
from app.schemas.user import KnownPassword

UNDECODABLE = "\N{REPLACEMENT CHARACTER}"  # what form parsing makes of bytes that are not UTF-8

OAuthField = Annotated[str, Field(max_length=255)]


class LoginForm(Schema):
    """The password grant of OAuth 2 (RFC 6749, section 4.3.2); `username` is the e-mail address."""

    username: Annotated[str, Field(min_length=1, max_length=EMAIL_MAX), AfterValidator(bare_address)]
    password: KnownPassword
    grant_type: Annotated[str, Field(pattern="^password$")] | None = None
    scope: OAuthField = ""
    client_id: OAuthField | None = None
    client_secret: Annotated[SecretStr, Field(max_length=255)] | None = None

    @field_validator("username", "password", mode="before")
    @classmethod
    def _refuse_undecodable(cls, value: object) -> object:
        if isinstance(value, str) and UNDECODABLE in value:
            raise ValueError("text must be UTF-8")
        return value


class RefreshRequest(Schema):
    refresh_token: Annotated[SecretStr, Field(min_length=1, max_length=MAX_TOKEN_LENGTH)]


class TokenPair(ReadSchema):
    """`expires_in` is the life of the access token in seconds."""

    access_token: str
    refresh_token: str
    token_type: Literal["bearer"]
    expires_in: int
