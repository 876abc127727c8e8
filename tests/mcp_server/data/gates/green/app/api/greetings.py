"""Greetings over HTTP."""

from fastapi import APIRouter
from pydantic import BaseModel

from app.services.greeting import greeting

PROBLEM = {"content": {"application/problem+json": {"schema": {"type": "object", "properties": {}}}}}
router = APIRouter()


class Greeting(BaseModel):
    """What is said."""

    text: str


@router.get(
    "/greetings/{name}",
    response_model=Greeting,
    responses={404: {"description": "unknown", **PROBLEM}, 422: {"description": "invalid", **PROBLEM}},
)
async def read_greeting(name: str) -> Greeting:
    """Greet somebody. Public."""
    return Greeting(text=greeting(name))
