"""Settings, read from the environment and `.env`. Every one is described in `.env.example`."""

import json
from functools import lru_cache
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

EXAMPLE_SECRET = "development-only-secret-replace-me-in-production"  # noqa: S105 -- refused in production


RateLimit = Annotated[
    str, Field(pattern=r"^[1-9]\d*/(second|minute|hour|day)(;[1-9]\d*/(second|minute|hour|day))*$")
]


HostPattern = Annotated[str, Field(pattern=r"^((\*\.)?[A-Za-z0-9._-]+|\[[0-9a-fA-F:.]+\])$")]


def _listed(example: str) -> BeforeValidator:
    """Reads a JSON list of texts; `example` is shown to whom writes something else."""

    def read(value: Any) -> Any:
        if not isinstance(value, str):
            return value
        try:
            return json.loads(value)
        except ValueError:
            raise ValueError(f"must be a JSON list, for example {example}") from None

    return BeforeValidator(read)


DRIVERS = ("sqlite+aiosqlite", "postgresql+asyncpg", "mysql+asyncmy", "mariadb+asyncmy")


def _database_url(value: str) -> str:
    if not value.startswith(tuple(f"{driver}://" for driver in DRIVERS)):
        raise ValueError(
            f"must begin with one of {', '.join(DRIVERS)}, for example sqlite+aiosqlite:///./app.db"
            " or postgresql+asyncpg://user:password@127.0.0.1:5432/name"
        )
    return value


class InvalidSettings(ValueError):
    """The environment or `.env` holds what the service cannot start on; says which variables, and why."""


class Settings(BaseSettings):
    # Without the input in errors: a start that is refused must not print the secret or the database's password.
    model_config = SettingsConfigDict(env_file=".env", extra="ignore", frozen=True, hide_input_in_errors=True)

    environment: Literal["development", "test", "production"] = "development"
    debug: bool = False
    api_prefix: str = Field("/api/v1", pattern=r"^(/[a-z0-9-]+)+$")
    secret_key: SecretStr = Field(SecretStr(EXAMPLE_SECRET), min_length=32)
    cors_origins: Annotated[list[str], NoDecode, _listed('["https://app.example.org"]')] = []
    allowed_hosts: Annotated[list[HostPattern], NoDecode, _listed('["shop.example.org"]')] = []
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        "sqlite+aiosqlite:///./app.db", repr=False
    )
    database_pool_size: int = Field(10, ge=1, le=1000)
    database_timeout_seconds: float = Field(5.0, gt=0)
    database_statement_seconds: float = Field(30.0, ge=0.001)

    access_token_minutes: int = Field(15, ge=1)
    refresh_token_days: int = Field(30, ge=1)
    login_sessions_per_user: int = Field(20, ge=1)
    token_issuer: str = "fastapi-agent-kit"  # noqa: S105 -- a name
    token_audience: str = "fastapi-agent-kit"  # noqa: S105 -- a name

    caller_cache_seconds: float = Field(5.0, ge=0, le=60)

    password_memory_kib: int = Field(19_456, ge=8)
    password_time_cost: int = Field(2, ge=1)
    password_parallelism: int = Field(1, ge=1)
    password_concurrency: int = Field(2, ge=1)
    password_max_waiting: int = Field(64, ge=1)

    max_body_bytes: int = Field(1_000_000, ge=1024)

    telemetry_enabled: bool = False

    rate_limit_enabled: bool = True
    rate_limit_register: RateLimit = "20/minute;200/hour"
    rate_limit_login_client: RateLimit = "20/minute;200/hour"
    rate_limit_login_account: RateLimit = "5/minute;50/hour"
    redis_url: str = Field("", pattern=r"^(|rediss?://.+)$", repr=False)

    @model_validator(mode="after")
    def _refuse_unsafe_production(self) -> Self:
        if self.environment == "production":
            if self.secret_key.get_secret_value() == EXAMPLE_SECRET:
                raise ValueError("SECRET_KEY is the example; set one of at least 32 random characters")
            if self.debug:
                raise ValueError("DEBUG must be off in production")
            if "*" in self.cors_origins:
                raise ValueError("CORS_ORIGINS must name its origins: credentials are allowed")
        return self


@lru_cache
def get_settings() -> Settings:
    """Raises InvalidSettings."""
    try:
        return Settings()
    except ValidationError as error:
        told = [
            ": ".join(filter(None, ["_".join(map(str, each["loc"][:1])).upper(), each["msg"]]))
            for each in error.errors(include_input=False)
        ]
        raise InvalidSettings("; ".join(told) + ". Every setting is described in .env.example") from None
