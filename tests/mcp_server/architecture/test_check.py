"""The check as a whole: layers as data, allowances, unreadable files, and the cases the examples leave out."""

from textwrap import dedent

import pytest

from mcp_server.architecture.check import check
from mcp_server.architecture.layers import LAYERED, layers_for
from mcp_server.workspace.layout import PRESETS, Layout, layouts


def codes(path: str, source: str) -> list[str]:
    return [violation.rule for violation in check({path: dedent(source)})]


def test_a_file_that_does_not_parse_is_a_violation() -> None:
    (violation,) = check({"app/services/a.py": "x = 1\ndef broken(:\n"})
    assert (violation.rule, violation.line) == ("KIT001", 2)


def test_a_file_with_nul_is_a_violation() -> None:
    (violation,) = check({"app/services/a.py": "x = '\0'\n"})
    assert violation.rule == "KIT001"


def test_files_outside_the_layers_are_skipped() -> None:
    assert check({"mcp_server/a.py": "print(1)", "app/notes.md": "print(1)", "docs/a.py": "def ("}) == ()


def test_violations_come_in_order() -> None:
    found = check({"app/services/b.py": "print(1)\nprint(2)\n", "app/services/a.py": "print(1)\n"})
    assert [(item.file, item.line) for item in found] == [
        ("app/services/a.py", 1),
        ("app/services/b.py", 1),
        ("app/services/b.py", 2),
    ]


def test_an_allowance_with_a_reason_excuses_its_line_and_rule_only() -> None:
    assert codes("app/services/a.py", "print(1)  # allow KIT502: a command line tool\n") == []
    assert codes("app/services/a.py", "print(1)  # allow KIT502: a tool\nprint(2)\n") == ["KIT502"]
    assert codes("app/services/a.py", "# \u2028\n\x0c\nprint(1)  # allow KIT502: a tool\n") == []


def test_an_allowance_without_a_reason_excuses_nothing() -> None:
    assert codes("app/services/a.py", "print(1)  # allow KIT502:\n") == ["KIT002", "KIT502"]


def test_an_allowance_that_excuses_nothing_is_a_violation() -> None:
    assert codes("app/services/a.py", "x = 1  # allow KIT502: a tool\n") == ["KIT002"]
    assert codes("app/services/a.py", "print(1)  # allow KIT501: wrong rule\n") == ["KIT002", "KIT502"]


@pytest.mark.parametrize(
    ("path", "layer"),
    [
        ("app/main.py", "app"),
        ("app/__init__.py", "app"),
        ("app/api/v1/products.py", "api"),
        ("app/models/__init__.py", "models"),
        ("alembic/versions/1_a.py", "migrations"),
        ("alembic/env.py", None),
        ("tests/app/api/test_a.py", "tests"),
        ("tests/mcp_server/test_a.py", None),
    ],
)
def test_layers_of_the_preset(path: str, layer: str | None) -> None:
    assert LAYERED.of_path(path) == layer


DOMAINS = layers_for([Layout({**PRESETS["domains"], "migrations": "migrations/versions"})])
OUTSIDE = Layout({**PRESETS["layered"], "service": "src/backend/services/{feature}.py"})


def test_another_layout_is_another_table() -> None:
    found = check(
        {
            "app/domains/product/routes.py": "from app.domains.product.models import Product\n",
            "app/domains/product/models.py": "from app.domains.product.service import ProductService\n",
            "app/domains/product/service.py": "from app.domains.product.repository import ProductRepository\n",
            "app/models/base.py": "import app.services.mail\n",
        },
        DOMAINS,
    )
    assert [(item.file, item.rule) for item in found] == [
        ("app/domains/product/models.py", "KIT205"),
        ("app/domains/product/routes.py", "KIT203"),
        ("app/models/base.py", "KIT205"),
    ]
    assert DOMAINS.of_path("migrations/versions/1_a.py") == "migrations"


def test_a_layout_outside_app() -> None:
    found = check({"src/backend/services/product.py": "import fastapi\n"}, layers_for([OUTSIDE]))
    assert [item.rule for item in found] == ["KIT204"]


def test_features_of_one_layout_refer_to_those_of_another() -> None:
    """As where the layout was changed between them."""
    found = check(
        {
            "src/backend/services/product.py": "from app.domains.brand.repository import BrandRepository\n",
            "app/domains/brand/repository.py": "from src.backend.services.product import ProductService\n",
        },
        layers_for(layouts(OUTSIDE)),
    )
    assert [(item.file, item.rule) for item in found] == [("app/domains/brand/repository.py", "KIT205")]


@pytest.mark.parametrize(
    ("path", "source", "expected"),
    [
        # aliases, relative imports and imports inside functions do not hide anything
        ("app/services/a.py", "import time as t\nasync def f():\n    t.sleep(1)\n", ["KIT101"]),
        ("app/services/a.py", "from time import sleep as nap\nasync def f():\n    nap(1)\n", ["KIT101"]),
        ("app/services/a.py", "async def f():\n    from time import sleep\n    sleep(1)\n", ["KIT101"]),
        ("app/models/a.py", "from ..services import product\n", ["KIT205"]),
        ("app/models/a.py", "from .. import services\n", ["KIT205"]),
        ("app/core/a.py", "from app.models import User\n", ["KIT205"]),
        ("app/core/a.py", "import app.main\n", ["KIT205"]),
        ("app/api/v1/a.py", "from app.models import User\n", ["KIT203"]),
        ("app/services/a.py", "import fastapi.responses as r\n", ["KIT204"]),
        # hashing
        (
            "app/core/a.py",
            "from pwdlib import PasswordHash\nh = PasswordHash.recommended()\nasync def f(p):\n    h.hash(p)\n",
            ["KIT101"],
        ),
        # every way to end a transaction
        ("app/repositories/a.py", "async def f(s):\n    await s.session.rollback()\n", ["KIT201"]),
        (
            "app/services/a.py",
            "async def f(session):\n    async with session.begin():\n        pass\n",
            ["KIT201"],
        ),
        # every way to query
        ("app/api/v1/a.py", "import sqlalchemy as sa\nq = sa.select(1)\n", ["KIT202"]),
        ("app/services/a.py", "async def f(unit):\n    unit.session.add(1)\n", ["KIT206"]),
        # keys
        ("app/schemas/a.py", "class A(ReadSchema):\n    id: UUID\n", ["KIT301"]),
        ("app/schemas/a.py", "class A(ReadSchema):\n    user_id: int | None\n", ["KIT301"]),
        ("app/schemas/a.py", "class A(ReadSchema):\n    user_id: Annotated[int, Field(ge=1)]\n", ["KIT301"]),
        ("app/models/a.py", "f = ForeignKeyConstraint(['a'], ['users.public_id'])\n", ["KIT304"]),
        ("app/models/a.py", "f = ForeignKey(User.public_id)\n", ["KIT304"]),
        ("alembic/versions/a.py", "op.create_foreign_key('n', 'a', 'b', ['c'], ['public_id'])\n", ["KIT304"]),
        # routes
        (
            "app/api/v1/a.py",
            '"""Public."""\n@router.get("", response_model=None)\ndef f(): ...\n',
            ["KIT401"],
        ),
        ("app/api/v1/a.py", '"""Public."""\n@router.get("")\ndef f() -> dict[str, str]: ...\n', ["KIT401"]),
        # exception text
        (
            "app/api/a.py",
            "from fastapi.responses import JSONResponse\n"
            "async def handler(request, error: Exception):\n    return JSONResponse({'detail': f'{error}'})\n",
            ["KIT501"],
        ),
        ("app/services/a.py", "try:\n    f()\nexcept:\n    g()\n", ["KIT503"]),
        ("app/services/a.py", "try:\n    f()\nexcept (OSError, Exception):\n    ...\n", ["KIT503"]),
        ("app/services/a.py", "log.info('made ' + name)\n", ["KIT504"]),
        ("app/services/a.py", "self.log.info('made %s' % name)\n", ["KIT504"]),
        ("app/services/a.py", "log.info('x', value=form.password)\n", ["KIT505"]),
        # schema
        ("app/models/a.py", "import sqlalchemy as sa\nc = sa.Column(sa.DateTime)\n", ["KIT602"]),
        ("app/services/a.py", "import datetime as dt\nx = dt.datetime.now()\n", ["KIT603"]),
        ("alembic/versions/a.py", "def upgrade():\n    op.x()\n", ["KIT604"]),
        # security
        ("app/repositories/a.py", "from sqlalchemy import text\nt = text('a' + b)\n", ["KIT801"]),
        ("alembic/versions/a.py", "from alembic import op\nop.execute('drop {}'.format(t))\n", ["KIT801"]),
        ("app/core/a.py", "client = Client(api_key='a8f5f167f44f4964')\n", ["KIT802"]),
        ("app/core/a.py", "URL = 'postgresql://app:hunter22@db.example.com/app'\n", ["KIT802"]),
        ("app/core/a.py", "import jwt\njwt.decode(t, k)\n", ["KIT803"]),
    ],
)
def test_what_must_be_caught(path: str, source: str, expected: list[str]) -> None:
    assert codes(path, source) == expected


@pytest.mark.parametrize(
    ("path", "source"),
    [
        # a function handed to a thread is not called here
        ("app/core/a.py", "import time\nasync def f():\n    await to_thread(lambda: time.sleep(1))\n"),
        (
            "app/core/a.py",
            "import time\nasync def f():\n    def g():\n        time.sleep(1)\n    await to_thread(g)\n",
        ),
        ("app/core/a.py", "class A:\n    def open(self): ...\n    async def f(self):\n        self.open()\n"),
        # savepoints, and things that are only called like a session
        (
            "app/repositories/a.py",
            "async def f(self):\n    async with self.session.begin_nested() as point:\n        await point.rollback()\n",
        ),
        ("app/services/a.py", "async def f(self, session):\n    await self.sessions.add({}, owner_id=1)\n"),
        ("app/services/a.py", "async def f(cache):\n    cache.get('a')\n    cache.delete('a')\n"),
        ("app/services/a.py", "import asyncio\nasync def f(a, b):\n    await asyncio.gather(a(), b())\n"),
        # data that ends in _id
        ("app/schemas/a.py", "class A(ReadSchema):\n    tax_id: str\n    device_id: UUID\n"),
        ("app/core/a.py", "claims = {'sub': str(token.public_id)}\n"),
        ("app/api/errors.py", "from sqlalchemy.exc import IntegrityError\nbody = {'request_id': 'x'}\n"),
        # values given to a log, not a name put together
        ("app/services/a.py", "log.info('token.revoked', public_id=str(token.public_id))\n"),
        ("app/services/a.py", "log.info(EVENT, count=len(rows))\n"),
        ("app/services/a.py", "try:\n    f()\nexcept OSError:\n    pass\n"),
        ("app/services/a.py", "try:\n    f()\nexcept BaseException:\n    clean()\n    raise\n"),
        (
            "app/services/a.py",
            "from datetime import UTC, datetime\nx = datetime.now(tz=UTC)\ny = datetime.now(UTC)\n",
        ),
        (
            "alembic/versions/a.py",
            "def upgrade() -> None:\n    pass\n\n\ndef downgrade() -> None:\n    pass\n",
        ),
        (
            "app/core/a.py",
            "TOKEN_URL = '/auth/login'\ntoken_type = 'bearer'\npassword = os.environ['PASSWORD']\n",
        ),
        (
            "app/core/a.py",
            "EXAMPLE_SECRET = 'development-only-replace-me'\nURL = 'sqlite+aiosqlite:///./app.db'\n",
        ),
        ("app/repositories/a.py", "from sqlalchemy import text\nt = text('select 1 where a = :a')\n"),
        ("app/services/a.py", "from app.core.errors import NotFound\nraise NotFound(f'no {name}')\n"),
        ("app/main.py", "from app.api import errors\nfrom app.models import load_models\n"),
        ("app/schemas/fields.py", "from pydantic import BaseModel\nInt32 = Annotated[int, Field(le=1)]\n"),
        (
            "app/models/a.py",
            "from app.models.base import Base\n\n\nclass A(Base):\n    __tablename__ = 'a'\n\n\n"
            "class B(A):\n    __tablename__ = 'b'\n",
        ),
    ],
)
def test_what_must_be_left_alone(path: str, source: str) -> None:
    assert codes(path, source) == []


def test_models_prove_that_an_integer_is_plain_data() -> None:
    schema = "class A(ReadSchema):\n    legacy_id: int\n"
    model = "class A(Base):\n    legacy_id: Mapped[int] = mapped_column(index=True)\n"
    key = "class A(Base):\n    legacy_id: Mapped[int] = mapped_column(ForeignKey('b.id'), index=True)\n"
    assert check({"app/schemas/a.py": schema, "app/models/a.py": model}) == ()
    assert [item.rule for item in check({"app/schemas/a.py": schema, "app/models/a.py": key})] == ["KIT301"]


def test_what_is_plain_data_of_one_model_stays_a_key_of_another() -> None:
    models = {
        "app/models/probe.py": "class Probe(Base):\n    user_id: Mapped[int] = mapped_column()\n",
        "app/models/token.py": "class Token(Base):\n    user_id: Mapped[int] = mapped_column(ForeignKey('users.id'))\n",
    }
    for schema, expected in (("ProbeRead", []), ("TokenRead", ["KIT301"]), ("Summary", ["KIT301"])):
        source = f"class {schema}(ReadSchema):\n    user_id: int\n"
        found = check({"app/schemas/a.py": source, **models})
        assert [item.rule for item in found] == expected, schema
