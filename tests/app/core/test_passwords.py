"""Passwords: which hashes are made and accepted, how long a check takes, and how many run at once."""

import asyncio

import bcrypt
import pytest
from argon2 import extract_parameters

from app.core.config import Settings
from app.core.errors import Busy
from app.core.passwords import Passwords, Verification

PASSWORD = "correct horse battery"


def passwords(
    *, memory_kib: int = 8, time_cost: int = 1, concurrency: int = 2, max_waiting: int = 100
) -> Passwords:
    return Passwords(
        memory_kib=memory_kib,
        time_cost=time_cost,
        parallelism=1,
        concurrency=concurrency,
        max_waiting=max_waiting,
    )


async def test_new_hashes_follow_owasp() -> None:
    settings = Settings(_env_file=None)
    made = await Passwords(
        memory_kib=settings.password_memory_kib,
        time_cost=settings.password_time_cost,
        parallelism=settings.password_parallelism,
        concurrency=settings.password_concurrency,
        max_waiting=settings.password_max_waiting,
    ).hash(PASSWORD)
    assert made.startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_verify() -> None:
    hashed = await passwords().hash(PASSWORD)
    assert await passwords().verify(PASSWORD, hashed) == Verification(matches=True)
    assert await passwords().verify(PASSWORD + "x", hashed) == Verification(matches=False)
    assert await passwords().hash(PASSWORD) != hashed


async def test_weaker_argon2_is_upgraded() -> None:
    hashed = await passwords().hash(PASSWORD)
    stronger = passwords(time_cost=2)
    verification = await stronger.verify(PASSWORD, hashed)
    assert verification.matches
    assert verification.upgraded is not None
    assert await stronger.verify(PASSWORD, verification.upgraded) == Verification(matches=True)


@pytest.mark.parametrize(
    "password", [PASSWORD, "x" * 100, "ü" * 50], ids=["short", "long", "cut-in-a-character"]
)
async def test_bcrypt_is_accepted_and_upgraded(password: str) -> None:
    hashed = bcrypt.hashpw(password.encode()[:72], bcrypt.gensalt(4)).decode()
    verification = await passwords().verify(password, hashed)
    assert verification.matches
    assert (verification.upgraded or "").startswith("$argon2id$")
    assert await passwords().verify("another", hashed) == Verification(matches=False)


@pytest.mark.parametrize(
    "stored",
    [None, "", "!", "plain text", "$argon2id$v=19$m=8,t=1,p=1", f"$2b$99${'x' * 53}", "$2b$04$"],
)
async def test_what_is_no_hash_matches_nothing(stored: str | None) -> None:
    for attempt in (PASSWORD, "", "!"):
        assert await passwords().verify(attempt, stored) == Verification(matches=False)


async def test_unknown_users_are_checked_against_a_hash_of_the_same_cost() -> None:
    """The time itself is measured by the benchmark of the service."""
    real = passwords(memory_kib=19_456, time_cost=2)
    assert extract_parameters(real._nobody) == extract_parameters(await real.hash(PASSWORD))


async def test_the_event_loop_stays_free() -> None:
    task = asyncio.ensure_future(passwords(memory_kib=19_456, time_cost=4).hash(PASSWORD))
    turns = 0
    while not task.done():
        await asyncio.sleep(0)
        turns += 1
    assert turns > 10


async def test_a_full_queue_turns_callers_away() -> None:
    limited = passwords(concurrency=1, max_waiting=2)
    answers = await asyncio.gather(*(limited.hash(PASSWORD) for _ in range(10)), return_exceptions=True)
    assert [type(answer) for answer in answers] == [str] * 3 + [Busy] * 7
    assert isinstance(await limited.hash(PASSWORD), str)  # and the queue empties
