"""What is an e-mail address, and how it is kept: in a field of a feature, as a user's own, at a login."""

from typing import Any
from unicodedata import normalize

import pytest
from httpx2 import AsyncClient

from app.schemas.base import Schema
from app.schemas.fields import Email
from tests.app.sign_in import LOGIN, PASSWORD

REGISTER = "/api/v1/users/register"
LABELS = ".".join(["b" * 63] * 3)


class Contact(Schema):
    """As the kit writes a field of the type `email`."""

    address: Email


async def register(client: AsyncClient, address: str) -> Any:
    body = {"email": address, "password": PASSWORD, "confirm_password": PASSWORD}
    return await client.post(REGISTER, json=body)


KEPT = {
    "plain": ("ada@example.org", "ada@example.org"),
    "upper case": ("ADA@EXAMPLE.ORG", "ADA@example.org"),
    "blanks around": (" ada@example.org\t", "ada@example.org"),
    "internationalized domain": ("ada@Bücher.example.org", "ada@bücher.example.org"),
    "its punycode": ("ada@xn--bcher-kva.example.org", "ada@bücher.example.org"),
    "local part beyond ASCII": ("e\u0301mile@example.org", "\u00e9mile@example.org"),
    "accent apart from the capital only": ("J\u030c@example.org", "J\u030c@example.org"),
    "254 characters": (f"a@{LABELS}.{'c' * 56}.org", f"a@{LABELS}.{'c' * 56}.org"),
}


@pytest.mark.parametrize(("sent", "kept"), KEPT.values(), ids=KEPT)
async def test_kept_in_its_normal_form(sent: str, kept: str, anonymous: AsyncClient) -> None:
    """A user's in lower case besides, because it is looked up; every spelling of it logs in."""
    assert Contact(address=sent).address == kept
    registered = await register(anonymous, sent)
    assert (registered.status_code, registered.json().get("email")) == (201, normalize("NFC", kept.lower()))
    assert (await register(anonymous, kept)).status_code == 409
    for spelling in (sent, kept, kept.upper(), registered.json()["email"]):
        login = await anonymous.post(LOGIN, data={"username": spelling, "password": PASSWORD})
        assert login.status_code == 200, spelling


REFUSED = {
    "display name": "Ada <ada@example.org>",
    "angle brackets": "<ada@example.org>",
    "quoted display name": '"Ada" <ada@example.org>',
    "quoted local part": '"ada lovelace"@example.org',
    "255 characters": f"a@{LABELS}.{'c' * 57}.org",
    "254 characters, more in punycode": f"a@{'.'.join(['ü' * 50] * 4)}.org",
    "line break": "ada@example.org\n",
    "blank inside": "ada @example.org",
    "two addresses": "ada@example.org,bob@example.org",
    "host without a dot": "ada@localhost",
    "address of a machine": "ada@[127.0.0.1]",
    "invisible character": "ada@exa\u00admple.org",
}


@pytest.mark.parametrize("address", REFUSED.values(), ids=REFUSED)
async def test_refused(address: str, anonymous: AsyncClient) -> None:
    with pytest.raises(ValueError, match="address"):
        Contact(address=address)
    response = await register(anonymous, address)
    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["errors"]] == [["body", "email"]]


@pytest.mark.parametrize("username", ["Ada <ada@example.org>", "<ada@example.org>"])
async def test_a_login_takes_no_name_with_the_address(username: str, anonymous: AsyncClient) -> None:
    assert (await register(anonymous, "ada@example.org")).status_code == 201
    response = await anonymous.post(LOGIN, data={"username": username, "password": PASSWORD})
    assert response.status_code == 422
    assert [error["loc"] for error in response.json()["errors"]] == [["body", "username"]]


async def test_a_login_with_any_other_text_is_refused_like_a_wrong_password(anonymous: AsyncClient) -> None:
    for username in ("no address", "ada@localhost", '"ada lovelace"@example.org'):
        response = await anonymous.post(LOGIN, data={"username": username, "password": PASSWORD})
        assert response.status_code == 401
