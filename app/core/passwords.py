"""Password hashes: Argon2id for new ones, bcrypt accepted and upgraded, off the event loop and never too many at once.

Argon2id runs with OWASP's second recommendation (m = 19 MiB, t = 2, p = 1; Password Storage Cheat Sheet). The
library's default (m = 64 MiB, t = 3, p = 4) costs about seven times the CPU (167 ms against 24 ms where this was
measured), which on a login endpoint is a cheap way for an attacker to keep the service busy.

A wrong password takes the same time for unknown users and for those with an Argon2id hash. bcrypt takes its own (240 ms at
cost 12), so until its owner signs in, an imported account shows that it exists. So does registering its address, which is
limited alike; and to keep strangers waiting as long would let them keep the service busy.
"""

import base64
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio
import anyio.to_thread
from pwdlib import PasswordHash
from pwdlib.exceptions import UnknownHashError
from pwdlib.hashers import HasherProtocol
from pwdlib.hashers.argon2 import Argon2Hasher
from pwdlib.hashers.bcrypt import BcryptHasher

from app.core.errors import Busy

Result = TypeVar("Result")

_BCRYPT_BYTES = (
    72  # bcrypt reads no further; libraries before bcrypt 5 cut silently, so old hashes were made that way
)
_SALT_BYTES = 16
_DIGEST_BYTES = 32


@dataclass(frozen=True, slots=True)
class Verification:
    """The answer to "is this the password?"; `upgraded` is a fresh hash to store when the old one is outdated."""

    matches: bool
    upgraded: str | None = None


class _LegacyBcrypt(BcryptHasher):
    """bcrypt as it was when the old hashes were made: what lies beyond 72 bytes does not count."""

    def verify(self, password: str | bytes, hash: str | bytes) -> bool:  # noqa: A002 -- the base class names it so
        encoded = password.encode() if isinstance(password, str) else password
        try:
            return super().verify(encoded[:_BCRYPT_BYTES], hash)
        except ValueError:  # a hash that looks like bcrypt and is not, such as one with 99 rounds
            return False


class Passwords:
    """Makes and checks password hashes in worker threads, `concurrency` at a time, first come first served."""

    def __init__(
        self,
        *,
        memory_kib: int,
        time_cost: int,
        parallelism: int,
        concurrency: int,
        max_waiting: int,
    ) -> None:
        """`memory_kib` is Argon2's m in KiB; more than `max_waiting` callers in the queue are turned away with `Busy`."""
        hashers: tuple[HasherProtocol, ...] = (
            Argon2Hasher(
                time_cost=time_cost,
                memory_cost=memory_kib,
                parallelism=parallelism,
                hash_len=_DIGEST_BYTES,
                salt_len=_SALT_BYTES,
            ),
            _LegacyBcrypt(),
        )
        self._hashes = PasswordHash(hashers)
        # A hash that no password has, with the parameters of the real ones: checking against it costs the same time.
        self._nobody = (
            f"$argon2id$v=19$m={memory_kib},t={time_cost},p={parallelism}"
            f"${_base64(secrets.token_bytes(_SALT_BYTES))}${_base64(secrets.token_bytes(_DIGEST_BYTES))}"
        )
        self._limiter = anyio.CapacityLimiter(concurrency)
        self._pending = 0
        self._max_pending = concurrency + max_waiting

    async def hash(self, password: str) -> str:
        """Hash a new password; `Busy` when too many callers are waiting already."""
        return await self._run(lambda: self._hashes.hash(password))

    async def verify(self, password: str, hashed: str | None) -> Verification:
        """Check a password; `None` stands for an unknown user and takes the time of a real check (of Argon2id).

        Raises `Busy` when too many callers are waiting already.
        """
        return await self._run(lambda: self._verify(password, hashed))

    def _verify(self, password: str, hashed: str | None) -> Verification:
        if hashed is not None:
            try:
                matches, upgraded = self._hashes.verify_and_update(password, hashed)
            except UnknownHashError:  # an account without a usable password
                pass
            else:
                return Verification(matches, upgraded)
        self._hashes.verify(password, self._nobody)
        return Verification(matches=False)

    async def _run(self, work: Callable[[], Result]) -> Result:
        if self._pending >= self._max_pending:
            raise Busy
        self._pending += 1
        try:
            return await anyio.to_thread.run_sync(work, limiter=self._limiter)
        finally:
            self._pending -= 1


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
