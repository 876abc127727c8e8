"""Tests of greetings."""

import app.main
from app.api.greetings import read_greeting
from app.core.text import greet


def test_anybody() -> None:
    assert greet("") == "Hello"


async def test_by_name() -> None:
    answer = await read_greeting("Ada")
    assert answer.text == "HELLO ADA"


def test_build() -> None:
    assert app.main.create_app().title == "FastAPI"
