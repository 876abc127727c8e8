"""Methods that a path does not have: 405, and `Allow` names all that it has, whoever asks."""

import pytest
from fastapi import FastAPI
from httpx2 import ASGITransport, AsyncClient

from tests.app.document import PROBLEM, document

PATHS = {
    path: {method.upper() for method in item if method != "parameters"}
    | ({"HEAD"} if path.startswith("/health/") else set())
    for path, item in document()["paths"].items()
}
"""What is declared, and HEAD, by which load balancers probe."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "NONSENSE")


@pytest.mark.parametrize("path", PATHS)
async def test_what_is_not_declared_is_405(path: str, anonymous: AsyncClient) -> None:
    url = path.replace("{public_id}", "00000000-0000-4000-8000-000000000000")
    assert "{" not in url
    for method in sorted(set(METHODS) - PATHS[path]):
        response = await anonymous.request(method, url)
        assert response.status_code == 405, method
        assert set(response.headers["allow"].split(", ")) == PATHS[path], method
        if method != "HEAD":
            assert response.headers["content-type"] == PROBLEM
            assert response.json()["status"] == 405


@pytest.mark.parametrize("method", ["GET", "DELETE"])
async def test_an_unknown_path_is_404_whatever_the_method(method: str, anonymous: AsyncClient) -> None:
    response = await anonymous.request(method, "/api/v1/nowhere")
    assert (response.status_code, "allow" in response.headers) == (404, False)


async def test_behind_a_proxy_that_adds_a_prefix(app: FastAPI) -> None:
    transport = ASGITransport(app, root_path="/behind")
    async with AsyncClient(transport=transport, base_url="http://test") as client:
        for method, url in (("OPTIONS", "/behind/api/v1/users/me"), ("DELETE", "/behind/api/v1/users/me")):
            response = await client.request(method, url)
            assert (response.status_code, response.headers["allow"]) == (405, "GET, PATCH")
