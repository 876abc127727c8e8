"""What the clients send: the same bytes to both servers."""

import asyncio
import json
from random import Random
from urllib.parse import urlencode

from benchmarks.app.load import UNIQUE
from benchmarks.app.world import PASSWORD, World

PREFIX = "/api/v1"
VARIETY = 500
_HOST = "Host: 127.0.0.1\r\nAccept: application/json\r\n"


def request(method: str, path: str, *, token: str = "", body: bytes = b"", kind: str = "json") -> bytes:
    """One HTTP/1.1 request, ready for the socket."""
    head = f"{method} {path} HTTP/1.1\r\n{_HOST}"
    if token:
        head += f"Authorization: Bearer {token}\r\n"
    if body:
        media = "application/json" if kind == "json" else "application/x-www-form-urlencoded"
        head += f"Content-Type: {media}\r\nContent-Length: {len(body)}\r\n"
    return f"{head}\r\n".encode() + body


def get(world: World) -> list[bytes]:
    """Products of all readers, in an order that is random and the same for everybody."""
    choose = Random(1)  # noqa: S311 -- any order will do
    chosen = [choose.randrange(len(world.tokens)) for _ in range(VARIETY)]
    return [
        request(
            "GET",
            f"{PREFIX}/products/{choose.choice(world.products[reader])}",
            token=world.tokens[reader],
        )
        for reader in chosen
    ]


def lists(world: World, limit: int) -> list[bytes]:
    path = f"{PREFIX}/products?skip=0&limit={limit}"
    return [request("GET", path, token=token) for token in world.tokens]


def create(world: World) -> list[bytes]:
    body = {
        "name": UNIQUE.decode(),
        "sku": UNIQUE.decode(),
        "description": "What there is to say.",
        "price": "12.50",
        "status": "active",
        "in_stock": True,
    }
    return [
        request("POST", f"{PREFIX}/products", token=world.writer_token, body=json.dumps(body).encode()),
    ]


def me(world: World) -> list[bytes]:
    return [request("GET", f"{PREFIX}/users/me", token=token) for token in world.tokens]


def login(world: World) -> list[bytes]:
    return [login_of(world.email, PASSWORD)]


def login_of(address: str, password: str) -> bytes:
    form = urlencode({"username": address, "password": password}).encode()
    return request("POST", f"{PREFIX}/auth/login", body=form, kind="form")


def register(address: str) -> bytes:
    body = {"email": address, "password": PASSWORD, "confirm_password": PASSWORD}
    return request("POST", f"{PREFIX}/users/register", body=json.dumps(body).encode())


async def body(port: int, sample: bytes) -> bytes:
    """Send one request on a connection of its own and return the body of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(sample.replace(b"\r\nAccept:", b"\r\nConnection: close\r\nAccept:", 1))
    answer = await reader.read()
    writer.close()
    await writer.wait_closed()
    return answer.split(b"\r\n\r\n", 1)[1]
