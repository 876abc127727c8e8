"""Which Host headers are answered: a foreign one could get into links, redirects and caches."""

import re
from collections.abc import Sequence

from starlette.types import Scope

from app.api.health import is_probe

_HOST = re.compile(rb"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?")


class AllowedHosts:
    def __init__(self, patterns: Sequence[str]) -> None:
        """`patterns` are names, or `*.` and a name for all names below it; without any, every host is allowed."""
        self._any = not patterns
        self._names = frozenset(each.lower() for each in patterns if not each.startswith("*."))
        self._endings = tuple(each[1:].lower() for each in patterns if each.startswith("*."))

    def admits(self, scope: Scope) -> bool:
        if self._any or is_probe(scope):  # which names no host; nor does the answer depend on it
            return True
        hosts = [value for name, value in scope["headers"] if name == b"host"]
        match = _HOST.fullmatch(hosts[0]) if len(hosts) == 1 else None
        if match is None:
            return False
        host = match[1].decode().lower()
        return host in self._names or host.endswith(self._endings)
