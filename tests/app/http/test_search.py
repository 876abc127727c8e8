"""What a search finds, on every database alike."""

import pytest
from httpx2 import AsyncClient

from app.core.config import get_settings
from app.core.context import Caller
from app.core.database import Database
from tests.app.factories.category import make_category

URL = f"{get_settings().api_prefix}/categories"


@pytest.mark.parametrize("wanted", ["école", "ÉCOLE", "École", "col"])
async def test_case_does_not_matter_in_any_alphabet(
    client: AsyncClient, database: Database, caller: Caller, wanted: str
) -> None:
    await make_category(database, caller, name="École")
    await make_category(database, caller, name="Lycée")
    found = (await client.get(URL, params={"search": wanted})).json()
    assert [row["name"] for row in found["items"]] == ["École"]
