"""Traces: one server span a request with its route and id, nothing secret in any span, nothing at all when off."""

import sys
from collections.abc import AsyncIterator

import pytest
from httpx2 import ASGITransport, AsyncClient
from opentelemetry import trace
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.trace import SpanKind

from app.core.config import Settings
from app.core.context import Caller
from app.core.database import Database
from app.core.extras import MissingExtra
from app.main import create_app
from tests.app.conftest import make_client

REQUEST_ID = "request-7"
SECRETS = ("ada@example.org", "correct horse", "Bearer", "eyJ")


@pytest.fixture(scope="session")
def exporter() -> InMemorySpanExporter:
    """The process has one provider, as in production. The apps of other tests have telemetry off."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    trace.set_tracer_provider(provider)
    return exporter


@pytest.fixture
async def client(
    settings: Settings, database: Database, superuser: Caller, exporter: InMemorySpanExporter
) -> AsyncIterator[AsyncClient]:
    app = create_app(settings.model_copy(update={"telemetry_enabled": True}))
    app.state.database = database
    exporter.clear()
    async with make_client(app, superuser) as client:
        client.headers["X-Request-ID"] = REQUEST_ID
        yield client


def server_span(exporter: InMemorySpanExporter) -> ReadableSpan:
    (span,) = (each for each in exporter.get_finished_spans() if each.kind is SpanKind.SERVER)
    return span


async def test_a_request_is_a_span_with_its_route_and_id(
    client: AsyncClient,
    superuser: Caller,
    exporter: InMemorySpanExporter,
    capsys: pytest.CaptureFixture[str],
) -> None:
    response = await client.get(f"/api/v1/users/{superuser.public_id}")
    assert response.status_code == 200
    span = server_span(exporter)
    assert span.name == "GET /api/v1/users/{public_id}"
    attributes = dict(span.attributes or {})
    assert attributes["http.route"] == "/api/v1/users/{public_id}"
    assert attributes["http.response.status_code"] == 200
    assert attributes["request_id"] == REQUEST_ID
    assert span.context is not None
    assert f"trace_id={trace.format_trace_id(span.context.trace_id)}" in capsys.readouterr().err


async def test_no_span_holds_a_secret(client: AsyncClient, exporter: InMemorySpanExporter) -> None:
    form = {"username": "ada@example.org", "password": "correct horse battery"}
    assert (await client.post("/api/v1/auth/login", data=form)).status_code == 401
    assert (await client.get("/api/v1/users?search=ada@example.org")).status_code == 200
    assert (await client.get("/api/v1/users?search=ada@example.org&token=eyJ")).status_code == 422
    written = "".join(span.to_json() for span in exporter.get_finished_spans())
    assert written.count('"url.query": "[redacted]"') == 2
    assert [secret for secret in SECRETS if secret in written] == []


async def test_probes_make_no_spans(client: AsyncClient, exporter: InMemorySpanExporter) -> None:
    assert (await client.get("/health/live")).status_code == 200
    assert exporter.get_finished_spans() == ()


async def test_off_means_that_a_provider_is_not_used(
    settings: Settings, exporter: InMemorySpanExporter
) -> None:
    exporter.clear()
    async with AsyncClient(transport=ASGITransport(create_app(settings)), base_url="http://test") as client:
        await client.get("/nowhere?x=1")
    assert exporter.get_finished_spans() == ()


def test_a_missing_sdk_names_the_extra(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk", None)
    with pytest.raises(MissingExtra, match=r"TELEMETRY_ENABLED needs .*fastapi-agent-kit\[telemetry\]"):
        create_app(settings.model_copy(update={"telemetry_enabled": True}))
