"""Settings: all of them documented, and none that would make production unsafe."""

import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.core.config import InvalidSettings, Settings, get_settings
from app.core.database import Database
from app.core.extras import MissingExtra

EXAMPLE = Path(__file__).parents[3] / ".env.example"
SAFE = {"environment": "production", "secret_key": "0123456789abcdef0123456789abcdef"}


def documented() -> dict[str, str]:
    lines = EXAMPLE.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


def test_the_example_names_every_setting() -> None:
    assert {name.lower() for name in documented()} == set(Settings.model_fields)


def test_the_example_shows_the_defaults(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in documented():
        monkeypatch.delenv(name, raising=False)
    assert Settings(_env_file=EXAMPLE) == Settings(_env_file=None)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"secret_key": Settings.model_fields["secret_key"].default.get_secret_value()}, "SECRET_KEY"),
        ({"debug": True}, "DEBUG"),
        ({"cors_origins": ["*"]}, "CORS_ORIGINS"),
    ],
)
def test_production_refuses_and_names_the_setting(change: dict[str, object], named: str) -> None:
    with pytest.raises(ValidationError, match=named):
        Settings.model_validate({**SAFE, **change})


@pytest.mark.parametrize(
    ("variable", "value", "said"),
    [
        ("DATABASE_URL", "sqlite:///x.db", "for example sqlite+aiosqlite:///./app.db"),
        ("DATABASE_URL", "postgresql://shop:battery-staple@db/shop", "postgresql+asyncpg://"),
        ("CORS_ORIGINS", "*", 'for example ["https://app.example.org"]'),
        ("CORS_ORIGINS", "https://app.example.org", 'for example ["https://app.example.org"]'),
        ("ALLOWED_HOSTS", "shop.example.org", 'for example ["shop.example.org"]'),
        ("ALLOWED_HOSTS", '"shop.example.org"', "valid list"),
        ("DATABASE_POOL_SIZE", "many", "valid integer"),
        ("DEBUG", "perhaps", "valid boolean"),
    ],
)
def test_a_refused_variable_is_named_with_what_it_should_be(
    variable: str, value: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(variable, value)
    with pytest.raises(InvalidSettings) as refused:
        get_settings.__wrapped__()
    assert str(refused.value).startswith(f"{variable}: ")
    assert said in str(refused.value)
    assert "staple" not in str(refused.value)


def test_lists_are_read_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CORS_ORIGINS", '["https://app.example.org"]')
    assert Settings(_env_file=None).cors_origins == ["https://app.example.org"]


def test_production_starts_on_safe_settings() -> None:
    assert Settings.model_validate(SAFE).environment == "production"


def test_a_refused_secret_is_not_repeated() -> None:
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({"secret_key": "too-short"})
    assert "too-short" not in str(refused.value)


def test_a_refused_combination_does_not_repeat_the_database() -> None:
    database_url = "postgresql+asyncpg://shop:battery-staple@db"
    with pytest.raises(ValidationError) as refused:
        Settings.model_validate({**SAFE, "debug": True, "database_url": database_url})
    assert "staple" not in str(refused.value)


def test_a_missing_driver_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "asyncmy", None)
    with pytest.raises(MissingExtra, match=r"DATABASE_URL .*fastapi-agent-kit\[mysql\]"):
        Database(Settings(database_url="mysql+asyncmy://root@127.0.0.1/shop", _env_file=None))


def test_settings_may_be_printed() -> None:
    urls = {
        "database_url": "postgresql+asyncpg://shop:battery-staple@db",
        "redis_url": "redis://:battery-staple@r",
    }
    assert "staple" not in repr(Settings.model_validate(SAFE | urls))


def test_the_settings_of_whoever_runs_the_tests_do_not_reach_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".env").write_text("TOKEN_ISSUER=somebody\n")
    monkeypatch.chdir(tmp_path)
    assert Settings().token_issuer == Settings.model_fields["token_issuer"].default
