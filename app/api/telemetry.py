"""OpenTelemetry by FastAPI's own support: spans and metrics of requests, sent where the OTEL_* variables say.

Off unless TELEMETRY_ENABLED, and then FastAPI does not even look for a provider. Nothing that may be secret leaves:
no query string, no exception text (which FastAPI would send as logs), no body.
"""

from importlib.util import find_spec

from fastapi.telemetry import TelemetryConfig
from opentelemetry import trace
from starlette.types import Scope

from app.api.health import is_probe
from app.core.config import Settings
from app.core.extras import MissingExtra


def configuration(settings: Settings) -> TelemetryConfig:
    """Raises MissingExtra when telemetry is asked for and its SDK is not installed."""
    enabled = settings.telemetry_enabled
    if enabled and find_spec("opentelemetry.sdk") is None:
        raise MissingExtra("TELEMETRY_ENABLED", "telemetry")
    return TelemetryConfig(
        tracing=enabled, metrics=enabled, logs=False, auto_configure=enabled, exclude=is_probe
    )


def describe_request(scope: Scope, request_id: str) -> dict[str, str]:
    """Mark the request's span with its id and take the query out of it; what leads from its log lines to the trace."""
    span = trace.get_current_span()
    context = span.get_span_context()
    if not context.is_valid:
        return {}
    span.set_attribute("request_id", request_id)
    if scope["query_string"]:
        span.set_attribute("url.query", "[redacted]")
    return {"trace_id": trace.format_trace_id(context.trace_id)}
