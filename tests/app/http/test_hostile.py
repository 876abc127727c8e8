"""Whatever is sent, the answer is never a 5xx, and every refusal is a problem document: at every route."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from app.core.context import Caller
from app.core.database import Database
from tests.app.conftest import make_client
from tests.app.document import PROBLEM, Operation, alternatives, operations
from tests.app.exercise import Exercise, path_of
from tests.app.hostile_values import (
    CONTENT_TYPES,
    FORMS,
    HEADER_VALUES,
    HEADERS,
    ODD_VALUES,
    RAW_BODIES,
    TOKENS,
    UNACCEPTABLE_TEXTS,
    UNREADABLE_QUERIES,
)

READS = [pytest.param(each, id=each.id) for each in operations() if each.method == "GET"]
ITEMS = [pytest.param(each, id=each.id) for each in operations() if "{" in each.path]
WITH_BODY = [pytest.param(each, id=each.id) for each in operations() if each.media_type is not None]
SCHEMAS = list({str(each.body.get("title")): each for each in operations() if each.media_type}.values())
ONE_PER_SCHEMA = [
    pytest.param(each, id=each.id) for each in SCHEMAS if "items" not in each.body["properties"]
]
LISTS = [
    pytest.param(each, id=each.id)
    for each in operations()
    if "limit" in (parameter["name"] for parameter in each.parameters)
]
GUARDED = [pytest.param(each, id=each.id) for each in operations() if not each.is_public]


@pytest.fixture
def exercise(app: FastAPI, database: Database) -> Exercise:
    return Exercise(app, database)


@pytest.fixture
async def client(app: FastAPI, superuser: Caller) -> AsyncIterator[AsyncClient]:
    """A caller whom no route turns away before it looks at what was sent."""
    async with make_client(app, superuser) as client:
        yield client


def assert_handled(response: Response, what: object) -> None:
    assert response.status_code < 500, f"{what!r}: {response.text}"
    if response.status_code >= 400:
        assert response.headers["content-type"] == PROBLEM, what
        assert response.json()["status"] == response.status_code, what


def assert_refused(response: Response, what: object, *statuses: int) -> None:
    assert_handled(response, what)
    assert response.status_code in (statuses or (422,)), f"{what!r}: {response.status_code} {response.text}"


async def url_of(operation: Operation, exercise: Exercise, caller: Caller) -> str:
    target = await exercise.target(operation, caller)
    return path_of(operation, target.public_id if target else "")


async def send(client: AsyncClient, operation: Operation, url: str, body: Any) -> Response:
    """JSON as Python writes it, lone surrogates and all."""
    if operation.media_type != "application/json":
        return await client.request(operation.method, url, data=_encodable(body))
    headers = {"Content-Type": "application/json"}
    return await client.request(operation.method, url, content=json.dumps(body).encode(), headers=headers)


def _encodable(form: dict[str, Any]) -> dict[str, str]:
    return {
        str(name).encode(errors="ignore").decode(): str(value).encode(errors="ignore").decode()
        for name, value in form.items()
    }


def mutations(operation: Operation, body: dict[str, Any]) -> Iterator[tuple[str, Any]]:
    """Ways into the body: the name of a field and a function of the body with another value in its place."""
    yield from (
        (name, lambda value, name=name: {**body, name: value}) for name in operation.body["properties"]
    )
    for name, definition in operation.body["properties"].items():
        for branch in alternatives(definition):
            inner = next(iter(alternatives(branch.get("items", {}))), {})
            for field in inner.get("properties", {}):
                row = body[name][0]
                yield (
                    f"{name}.{field}",
                    lambda value, name=name, field=field, row=row: {**body, name: [{**row, field: value}]},
                )


@pytest.mark.parametrize("operation", WITH_BODY)
async def test_text_that_cannot_be_stored(
    operation: Operation, client: AsyncClient, exercise: Exercise, superuser: Caller
) -> None:
    url = await url_of(operation, exercise, superuser)
    body = await exercise.body(operation, superuser)
    is_form = operation.media_type != "application/json"
    for name, changed in mutations(operation, body):
        for text in UNACCEPTABLE_TEXTS[: 1 if is_form else None]:
            assert_refused(await send(client, operation, url, changed(text)), (name, text[:10]))


@pytest.mark.parametrize("operation", ONE_PER_SCHEMA)
async def test_odd_values(
    operation: Operation, client: AsyncClient, exercise: Exercise, superuser: Caller
) -> None:
    url = await url_of(operation, exercise, superuser)
    body = await exercise.body(operation, superuser)
    for name, changed in mutations(operation, body):
        for value in ODD_VALUES:
            assert_handled(await send(client, operation, url, changed(value)), (name, value))


@pytest.mark.parametrize("operation", WITH_BODY)
async def test_bodies_that_are_none(
    operation: Operation, client: AsyncClient, exercise: Exercise, superuser: Caller
) -> None:
    url = await url_of(operation, exercise, superuser)
    headers = {"Content-Type": str(operation.media_type)}
    for name, content in RAW_BODIES.items():
        response = await client.request(operation.method, url, content=content, headers=headers)
        assert_refused(response, name, *((400, 422) if operation.method != "PATCH" else (200, 400, 422)))


@pytest.mark.parametrize("operation", WITH_BODY)
async def test_content_types(
    operation: Operation, client: AsyncClient, exercise: Exercise, superuser: Caller
) -> None:
    url = await url_of(operation, exercise, superuser)
    content = b'--x\r\nContent-Disposition: form-data; name="username"\r\n\r\na\r\n--x--\r\n'
    for sent in CONTENT_TYPES:
        for body in (b"{}", content, b""):
            headers = [(b"content-type", sent.encode("latin-1"))]
            assert_handled(
                await client.request(operation.method, url, content=body, headers=headers), (sent, body)
            )


@pytest.mark.parametrize(("name", "content"), [pytest.param(*each, id=each[0]) for each in FORMS.items()])
async def test_forms(anonymous: AsyncClient, name: str, content: bytes) -> None:
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    response = await anonymous.post("/api/v1/auth/login", content=content, headers=headers)
    assert_refused(response, name, 400, 401, 422)


@pytest.mark.parametrize("operation", READS)
async def test_queries(
    operation: Operation, app: FastAPI, client: AsyncClient, exercise: Exercise, superuser: Caller
) -> None:
    url = await url_of(operation, exercise, superuser)
    for query in UNREADABLE_QUERIES:
        transport = ASGITransport(with_query(app, query), raise_app_exceptions=False)
        async with AsyncClient(transport=transport, base_url="http://test", headers=client.headers) as raw:
            assert_handled(await raw.get(url), query)
    for parameter in operation.parameters:
        if parameter["in"] == "query":
            for value in ("%00", "a%00b", "x" * 5000):
                response = await client.get(f"{url}?{parameter['name']}={value}")
                assert_refused(response, (parameter["name"], value[:10]))


def with_query(app: FastAPI, query: bytes) -> ASGIApp:
    """The app, asked with a query string that the client's library would refuse to send."""

    async def asked(scope: Scope, receive: Receive, send: Send) -> None:
        await app({**scope, "query_string": query}, receive, send)

    return asked


@pytest.mark.parametrize("operation", LISTS)
async def test_pages_out_of_bounds(
    operation: Operation, client: AsyncClient, exercise: Exercise, superuser: Caller
) -> None:
    url = await url_of(operation, exercise, superuser)
    for query in (
        "limit=-1",
        "limit=0",
        f"limit={10**6}",
        f"limit={2**63}",
        "limit=nan",
        "skip=-1",
        f"skip={2**63}",
    ):
        assert_refused(await client.get(f"{url}?{query}"), query)
    if "skip" not in (parameter["name"] for parameter in operation.parameters):
        assert_refused(await client.get(f"{url}?cursor=%00&skip=0"), "cursor")
        return
    for query in (f"skip={10**6}", f"skip={2**63 - 1}"):
        assert (await client.get(f"{url}?{query}")).json()["items"] == [], query


@pytest.mark.parametrize("operation", ITEMS)
async def test_paths(operation: Operation, client: AsyncClient) -> None:
    for value in ("%00", "%FF", "%ED%A0%80", "1", "-1", "'", "x" * 5000, "null", "..%2F..", "%", "\u202e"):
        response = await client.request(operation.method, path_of(operation, value))
        assert_refused(response, value, 404, 405, 422)


@pytest.mark.parametrize("operation", GUARDED)
async def test_tokens(operation: Operation, anonymous: AsyncClient) -> None:
    url = path_of(operation, "00000000-0000-4000-8000-000000000000")
    for token in TOKENS:
        response = await anonymous.request(operation.method, url, headers=[(b"authorization", token)])
        assert_refused(response, token, 401)
        assert response.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("name", HEADERS)
async def test_other_headers(name: bytes, anonymous: AsyncClient) -> None:
    for value in HEADER_VALUES:
        for path in ("/health/live", "/nowhere"):
            response = await anonymous.get(path, headers=[(name, value)])
            assert_handled(response, value)
            assert response.headers["x-request-id"].isascii()


@pytest.mark.parametrize("declared", [True, False], ids=["content-length", "chunked"])
@pytest.mark.parametrize("operation", WITH_BODY)
async def test_bodies_that_are_too_large(
    operation: Operation, declared: bool, app: FastAPI, client: AsyncClient
) -> None:
    """413 without reading the rest."""
    chunk, chunks, taken = b"x" * 65_536, 320, 0

    async def body() -> AsyncIterator[bytes]:
        nonlocal taken
        for _ in range(chunks):
            taken += 1
            yield chunk

    headers = {"Content-Type": str(operation.media_type)}
    if declared:
        headers["Content-Length"] = str(len(chunk) * chunks)
    url = path_of(operation, "00000000-0000-4000-8000-000000000000")
    response = await client.request(operation.method, url, content=body(), headers=headers)
    assert_refused(response, declared, 413)
    assert taken * len(chunk) <= app.state.settings.max_body_bytes + 2 * len(chunk)


async def test_twelve_sign_ups_at_once(committing_app: FastAPI) -> None:
    registration = {"email": "one@example.org", "password": "long enough", "confirm_password": "long enough"}
    async with make_client(committing_app, None) as client:
        responses = await asyncio.gather(
            *(client.post("/api/v1/users/register", json=registration) for _ in range(12))
        )
    assert sorted(response.status_code for response in responses) == [201] + [409] * 11
    for response in responses:
        assert_handled(response, "sign-up")
