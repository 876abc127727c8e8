"""The messages between `WarmChild` and its processes: a length (4 bytes, big-endian) and that many bytes of JSON."""

import json
import os
import socket
import struct
from typing import Any

_HEADER = struct.Struct(">I")
HEADER_SIZE = _HEADER.size


def encode(message: dict[str, Any]) -> bytes:
    """One message, ready to send. Raises TypeError for what JSON cannot hold."""
    body = json.dumps(message, allow_nan=False, separators=(",", ":")).encode()
    return _HEADER.pack(len(body)) + body


def body_size(header: bytes) -> int:
    """Number of bytes that follow a header."""
    size: int = _HEADER.unpack(header)[0]
    return size


def receive(connection: socket.socket) -> dict[str, Any] | None:
    """The next message of a blocking socket, or None at its end."""
    header = _exactly(connection, HEADER_SIZE)
    body = None if header is None else _exactly(connection, body_size(header))
    return None if body is None else decode(body)


def decode(body: bytes) -> dict[str, Any]:
    """The message in a body."""
    message: dict[str, Any] = json.loads(body)
    return message


def write_all(descriptor: int, data: bytes) -> None:
    """Write every byte to a blocking descriptor."""
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]


def _exactly(connection: socket.socket, count: int) -> bytes | None:
    received = bytearray()
    while len(received) < count:
        part = connection.recv(count - len(received))
        if not part:
            return None
        received += part
    return bytes(received)
