"""Dockerfile and Compose file, as far as they can be judged without an engine: what they copy, expose, run and check."""

import fnmatch
import re
import shlex
import tomllib
from typing import Any

import pytest
import yaml

from app.core.config import Settings
from tests.app.databases import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile as (keyword, rest), continued lines joined, comments left out."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(line.split()[0], line.partition(" ")[2]) for line in joined.splitlines() if line.strip()]


def values(keyword: str) -> list[str]:
    return [rest for found, rest in instructions() if found == keyword]


def copied() -> list[str]:
    """What comes from the build context."""
    return [source for rest in values("COPY") if "--from" not in rest for source in shlex.split(rest)[:-1]]


def test_two_stages_and_no_root() -> None:
    assert [" AS " in rest for rest in values("FROM")] == [True, False]
    last_stage = instructions()[[keyword for keyword, _ in instructions()].index("FROM", 1) :]
    assert [rest for keyword, rest in last_stage if keyword == "USER"] == ["10001"]
    assert not any("pip install" in rest for _, rest in last_stage)


def test_the_service_starts_from_bytecode_which_it_could_not_write_itself() -> None:
    steps = instructions()
    assert steps.index(("COPY", "app app")) < steps.index(("RUN", "python -m compileall -q app"))


def test_what_is_copied_exists_and_is_in_the_context() -> None:
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    kept = {line[1:] for line in ignored if line.startswith("!")}
    assert ignored[1] == "*"
    assert set(copied()) == kept == {"alembic", "alembic.ini", "app", "pyproject.toml", "requirements.lock"}
    assert all((ROOT / source).exists() for source in copied())
    assert not any(fnmatch.fnmatch(".env", pattern) for pattern in kept)


def test_only_locked_packages_of_the_service_are_installed() -> None:
    (build,) = (rest for rest in values("RUN") if "uv pip sync" in rest)
    assert "cp requirements.lock runtime.txt" in build
    assert "uv pip sync --quiet --no-build --require-hashes runtime.txt" in build
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    extras = set(re.findall(r"--extra (\w+)", build))
    assert extras == set(declared) - {"kit"}
    assert "--group" not in build


def test_the_health_check_needs_no_tool() -> None:
    (check,) = values("HEALTHCHECK")
    assert '["python", "-c"' in check
    assert "/health/ready" in check


@pytest.mark.parametrize("service", COMPOSE)
def test_ports_are_on_loopback(service: str) -> None:
    assert all(port.startswith("127.0.0.1:") for port in COMPOSE[service].get("ports", []))


@pytest.mark.parametrize("service", COMPOSE)
def test_who_waits_waits_for_health(service: str) -> None:
    """What is built here has the health check of its Dockerfile."""
    assert "healthcheck" in COMPOSE[service] or "build" in COMPOSE[service]
    for needed, condition in COMPOSE[service].get("depends_on", {}).items():
        assert needed in COMPOSE
        assert condition["condition"] in {"service_healthy", "service_completed_successfully"}


def test_servers_come_by_default_and_the_service_by_profile() -> None:
    assert {name for name, service in COMPOSE.items() if "profiles" not in service} == {"postgres", "redis"}
    assert COMPOSE["app"]["profiles"] == COMPOSE["migrate"]["profiles"] == ["app"]


@pytest.mark.parametrize("service", ["app", "migrate"])
def test_the_service_starts_with_its_settings(service: str) -> None:
    given = {name.lower(): value for name, value in COMPOSE[service]["environment"].items()}
    assert given.keys() <= Settings.model_fields.keys()
    Settings.model_validate(given)
