"""Which database a migration would change, and how careful one has to be with it."""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

Class = Literal["disposable", "development", "protected"]
_HOSTS: Final = ("host", "unix_socket")
_LEADING: Final = ("dsn", "read_default_file", "read_default_group")


@dataclass(frozen=True, slots=True)
class Address:
    """A database address without user and password, as the settings of the app give it.

    `hosts` is empty for the default host of the driver; `environment` is the app's ENVIRONMENT; `pghost` the variable
    that PostgreSQL drivers fall back to.
    """

    engine: str
    hosts: tuple[str, ...]
    port: int | None
    database: str
    environment: str
    pghost: str = ""

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Address":
        return cls(**{**data, "hosts": tuple(data["hosts"])})


@dataclass(frozen=True, slots=True)
class Target:
    """`host` is empty for SQLite, and `database` then the file (relative to the root when inside, or `:memory:`)."""

    engine: str
    host: str
    database: str
    class_: Class
    reason: str
    file: Path | None = None

    def __str__(self) -> str:
        place = f"{self.host}/{self.database}" if self.host else self.database
        return f"{self.engine} {place} ({self.class_}: {self.reason})"


def hosts_of(host: str | None, parameters: Iterable[tuple[str, str]]) -> tuple[str, ...]:
    """The hosts that an address names, in its parameters too.

    A parameter that leads to a server by something that nobody reads here (a file, another address) is among them by its
    own name, which is none of this machine.
    """
    found = [host or ""]
    for name, value in parameters:
        if name in _HOSTS:
            found.append(value)
        elif name in _LEADING:
            found.append(name)
    return tuple(filter(None, found))


def classify(address: Address, root: Path) -> Target:
    """The class of a database. What is not provably local is protected, and so is everything in production."""
    if address.engine == "sqlite":
        return _sqlite(address, root)
    return _server(address)


def _sqlite(address: Address, root: Path) -> Target:
    name = address.database.removeprefix("file:").partition("?")[0]
    if name in {"", ":memory:"} or "mode=memory" in address.database:
        return Target("sqlite", "", ":memory:", "disposable", "in memory")
    file = (root / name).resolve()
    top = root.resolve()
    inside = file.is_relative_to(top)
    shown = file.relative_to(top).as_posix() if inside else str(file)
    if file.is_relative_to(top / ".kit" / "scratch"):
        return Target("sqlite", "", shown, "disposable", "in the scratch directory", file)
    if not inside:
        return Target("sqlite", "", shown, "protected", "a file outside the workspace", file)
    if address.environment == "production":
        return Target("sqlite", "", shown, "protected", "ENVIRONMENT is production", file)
    return Target("sqlite", "", shown, "development", "a file of the workspace", file)


def _server(address: Address) -> Target:
    hosts = address.hosts or ((address.pghost,) if address.pghost else ())
    host = ",".join(hosts) or "localhost"
    if address.port is not None:
        host = f"{host}:{address.port}"

    def target(class_: Class, reason: str) -> Target:
        return Target(address.engine, host, address.database, class_, reason)

    if not all(map(_is_loopback, hosts)):
        return target("protected", "not on this machine")
    if address.database.endswith(("_test", "_scratch")):
        return target("disposable", "a local test database by its name")
    if address.environment == "production":
        return target("protected", "ENVIRONMENT is production")
    return target("development", "a server on this machine")


def _is_loopback(host: str) -> bool:
    if host == "localhost" or host.startswith("/"):  # a Unix socket
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
