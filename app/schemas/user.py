"""Users: what a client sends and what it gets back. No password, old or new, ever comes back."""

from contextlib import suppress
from datetime import datetime
from typing import Annotated, Literal
from unicodedata import normalize

from pydantic import (
    AfterValidator,
    Field,
    SecretStr,
    ValidationInfo,
    field_validator,
    validate_email,
)
from pydantic_core import PydanticCustomError

from app.schemas import fields
from app.schemas.base import ListQuery, PageRead, ReadSchema, Schema, unset

PASSWORD_MIN = 8
PASSWORD_MAX = 128


def normalized_email(address: str) -> str:
    """The one spelling under which an address is stored, compared and looked up; of any other text, lower case."""
    with suppress(PydanticCustomError):
        address = validate_email(address)[1]
    return _lowered(address)


def _lowered(address: str) -> str:
    # A small letter may be one with its accent where the capital is not.
    return normalize("NFC", address.lower())


def _email(address: str) -> str:
    normalized = _lowered(address)
    if len(normalized) > fields.EMAIL_MAX:  # lower case can be longer than upper case
        raise ValueError(f"an e-mail address has at most {fields.EMAIL_MAX} characters")
    return normalized


Email = Annotated[fields.Email, Field(examples=["ada@example.com"]), AfterValidator(_email)]
FullName = Annotated[str, Field(min_length=1, max_length=255)]
NewPassword = Annotated[SecretStr, Field(min_length=PASSWORD_MIN, max_length=PASSWORD_MAX)]
KnownPassword = Annotated[SecretStr, Field(min_length=1, max_length=1024)]
"""A password to be checked, which may be older than today's bounds."""


class UserRegister(Schema):
    email: Email
    password: NewPassword
    confirm_password: NewPassword
    full_name: FullName | None = None

    @field_validator("confirm_password")
    @classmethod
    def _same_password_twice(cls, value: SecretStr, info: ValidationInfo) -> SecretStr:
        if "password" in info.data and info.data["password"] != value:
            raise ValueError("the two passwords differ")
        return value


class UserUpdateMe(Schema):
    """What users may change about themselves. A new address or password needs `current_password`."""

    full_name: FullName | None = unset()
    email: Email = unset()
    password: NewPassword = unset()
    current_password: KnownPassword = unset()


class UserUpdate(Schema):
    """What a superuser may change about a user."""

    full_name: FullName | None = unset()
    email: Email = unset()
    is_active: bool = unset()
    is_superuser: bool = unset()


class UserQuery(ListQuery):
    is_active: bool = unset()
    is_superuser: bool = unset()
    search: Annotated[str, Field(min_length=1, max_length=100, description="Part of the address or name")] = (
        unset()
    )
    sort: Literal["created_at", "-created_at", "email", "-email"] = "-created_at"


class UserRead(ReadSchema):
    public_id: fields.PlainUUID
    email: str
    full_name: str | None
    is_active: bool
    created_at: datetime
    updated_at: datetime


class UserDetail(UserRead):
    """A user as superusers see it."""

    is_superuser: bool


class UserPage(PageRead):
    """One page of users."""

    items: list[UserDetail]
