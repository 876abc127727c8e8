"""Only the hosts that the settings name are answered, the probes of an orchestrator excepted."""

import pytest
from httpx2 import ASGITransport, AsyncClient

from app.core.config import Settings
from app.main import create_app

ALLOWED = ["shop.example.org", "*.internal", "[::1]"]


async def answer(settings: Settings, *hosts: bytes, path: str = "/nowhere", root: str = "") -> int:
    transport = ASGITransport(create_app(settings), root_path=root)
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        response = await client.get(root + path, headers=[(b"Host", host) for host in hosts])
    if response.status_code == 400:
        assert response.headers["content-type"] == "application/problem+json"
        assert response.json()["request_id"] == response.headers["x-request-id"]
        assert response.headers["x-content-type-options"] == "nosniff"
    return response.status_code


@pytest.mark.parametrize(
    "host",
    [
        b"shop.example.org",
        b"SHOP.example.org:8443",
        b"a.internal",
        b"a.b.internal:80",
        b"[::1]",
        b"[::1]:8000",
    ],
)
async def test_answered(host: bytes, settings: Settings) -> None:
    assert await answer(settings.model_copy(update={"allowed_hosts": ALLOWED}), host) == 404


@pytest.mark.parametrize(
    "host",
    [
        b"evil.example",
        b"example.org",
        b"internal",
        b"notinternal",
        b"shop.example.org.evil.example",
        b"shop.example.org@evil.example",
        b"shop.example.org/evil",
        b"shop.example.org:x",
        b"",
        b"\xff",
    ],
)
async def test_refused(host: bytes, settings: Settings) -> None:
    assert await answer(settings.model_copy(update={"allowed_hosts": ALLOWED}), host) == 400


async def test_two_hosts_are_refused(settings: Settings) -> None:
    """A proxy may have checked the one and the service might use the other."""
    allowed = settings.model_copy(update={"allowed_hosts": ALLOWED})
    assert await answer(allowed, b"shop.example.org", b"shop.example.org") == 400


@pytest.mark.parametrize("root", ["", "/shop"])
async def test_probes_come_by_address(root: str, settings: Settings) -> None:
    allowed = settings.model_copy(update={"allowed_hosts": ALLOWED})
    assert await answer(allowed, b"10.0.0.7:8000", path="/health/live", root=root) == 200


@pytest.mark.parametrize(("environment", "warnings"), [("production", 1), ("development", 0)])
async def test_without_names_all_are_answered_and_production_warns(
    environment: str, warnings: int, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    open_to_all = settings.model_copy(update={"environment": environment})
    assert await answer(open_to_all, b"any.example") == 404
    assert capsys.readouterr().err.count("hosts.not_checked") == warnings


@pytest.mark.parametrize("pattern", ["*", "*example.org", "a.*", "http://shop.example.org", "a b", ""])
def test_what_is_no_host_does_not_start(pattern: str) -> None:
    with pytest.raises(ValueError, match="allowed_hosts"):
        Settings(allowed_hosts=[pattern], _env_file=None)
