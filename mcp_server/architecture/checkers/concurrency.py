"""KIT1xx: nothing blocks the event loop, and sessions are used the asynchronous way."""

import ast
from collections.abc import Iterator

from mcp_server.architecture.layers import SERVICE, TESTS
from mcp_server.architecture.rule import Found, bad, good, rule
from mcp_server.architecture.source import SourceFile, constant, is_session, keyword

BLOCKING = frozenset(
    {
        "open",
        "input",
        "time.sleep",
        "os.system",
        "os.popen",
        "socket.create_connection",
        "socket.gethostbyname",
        "socket.getaddrinfo",
        "shutil.copyfile",
        "shutil.copytree",
        "shutil.rmtree",
        "urllib.request.urlopen",
        "urllib.request.urlretrieve",
    }
)
BLOCKING_PACKAGES = ("requests.", "subprocess.", "bcrypt.", "smtplib.", "psycopg2.", "sqlite3.", "urllib3.")
HTTPX_CALLS = frozenset(
    {"get", "post", "put", "patch", "delete", "head", "options", "request", "stream", "Client"}
)
HASHING = frozenset({"hash", "verify", "verify_and_update"})
HASHERS = ("pwdlib.", "passlib.", "argon2.")


@rule(
    "KIT101",
    title="No blocking call in async def",
    why="One blocking call stops every request of the process until it returns.",
    fix="Use the async library, or run it in a thread: `await anyio.to_thread.run_sync(function, *args)`.",
    bad=bad(
        "app/services/report.py",
        5,
        """
        import time


        async def settle() -> None:
            time.sleep(1)
        """,
    ),
    good=good(
        "app/services/report.py",
        """
        import asyncio
        import time

        import anyio.to_thread


        def settle_slowly() -> None:
            time.sleep(1)


        async def settle() -> None:
            await asyncio.sleep(1)
            await anyio.to_thread.run_sync(settle_slowly)
        """,
    ),
)
def blocking_call(source: SourceFile) -> Iterator[Found]:
    hashers = _hashers(source)
    for call in source.nodes(ast.Call):
        name = source.name_of(call.func)
        owner, _, method = name.rpartition(".")
        blocks = (
            name in BLOCKING
            or name.startswith(BLOCKING_PACKAGES)
            or (owner in {"httpx", "httpx2"} and method in HTTPX_CALLS)
            or (method in HASHING and owner in hashers)
        )
        if blocks and isinstance(source.function_around(call), ast.AsyncFunctionDef):
            yield call, f"`{name}` blocks the event loop"


def _hashers(source: SourceFile) -> set[str]:
    """Names in this file that hold a password hasher: hashing takes tens of milliseconds of pure CPU."""
    return {
        name
        for _, name, value in source.assignments()
        if isinstance(value, ast.Call) and source.name_of(value.func).startswith(HASHERS)
    }


@rule(
    "KIT102",
    title="Statements are built with select(), never with query()",
    why="`Query` is the synchronous legacy API: an AsyncSession has no such method.",
    fix="Write `select(Model).where(...)` and `await session.execute(statement)`.",
    bad=bad(
        "app/repositories/product.py",
        2,
        """
        async def cheap(session):
            return session.query(Product).filter(Product.price < 10).all()
        """,
    ),
    good=good(
        "app/repositories/product.py",
        """
        async def cheap(session):
            return (await session.scalars(select(Product).where(Product.price < 10))).all()
        """,
    ),
)
def legacy_query(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        if (
            isinstance(call.func, ast.Attribute)
            and call.func.attr == "query"
            and is_session(source, call.func.value)
        ):
            yield call, "`session.query()` is the legacy synchronous API"


@rule(
    "KIT103",
    title='Every relationship says lazy="raise"',
    why="A lazy load in async code fails at a distance (MissingGreenlet); one that works hides a query per row.",
    fix='Add `lazy="raise"` and load the relation where it is needed with `selectinload()` or a join.',
    layers=frozenset({"models"}),
    bad=bad(
        "app/models/product.py",
        5,
        """
        from sqlalchemy.orm import Mapped, relationship


        class Product(Base):
            category: Mapped["Category"] = relationship()
        """,
    ),
    good=good(
        "app/models/product.py",
        """
        from sqlalchemy.orm import Mapped, WriteOnlyMapped, relationship


        class Product(Base):
            category: Mapped["Category"] = relationship(lazy="raise")
            reviews: WriteOnlyMapped["Review"] = relationship(lazy="write_only")
        """,
    ),
)
def lazy_relationship(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        if source.is_from(call.func, "sqlalchemy", "relationship", "backref"):
            lazy = constant(keyword(call, "lazy"))
            if lazy not in {"raise", "raise_on_sql", "write_only"}:
                yield call, 'relationship without lazy="raise"'


@rule(
    "KIT104",
    title="Only async engines and sessions",
    why="A synchronous engine blocks the event loop on every statement.",
    fix="Use `create_async_engine`, `async_sessionmaker` and `AsyncSession`.",
    bad=bad(
        "app/core/store.py",
        3,
        """
        from sqlalchemy import create_engine

        engine = create_engine("sqlite://")
        """,
    ),
    good=good(
        "app/core/store.py",
        """
        from sqlalchemy.ext.asyncio import create_async_engine

        engine = create_async_engine("sqlite+aiosqlite://")
        """,
    ),
)
def synchronous_engine(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        name = source.name_of(call.func)
        last = name.rpartition(".")[2]
        if name.startswith("sqlalchemy.") and last in {
            "create_engine",
            "sessionmaker",
            "scoped_session",
            "Session",
        }:
            yield call, f"`{last}` is synchronous"


@rule(
    "KIT105",
    title="No session is shared between tasks",
    why="A session is one connection with one state: two tasks on it corrupt each other's transaction.",
    fix="Await one statement after the other, or give each task a session of its own.",
    bad=bad(
        "app/services/product.py",
        5,
        """
        import asyncio


        async def both(session):
            await asyncio.gather(session.execute(FIRST), session.execute(SECOND))
        """,
    ),
    good=good(
        "app/services/product.py",
        """
        import asyncio


        async def both(session, first, second):
            await session.execute(FIRST)
            await session.execute(SECOND)
            await asyncio.gather(first.close(), second.close())
        """,
    ),
)
def shared_session(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        name = source.name_of(call.func)
        if name in {"asyncio.gather", "asyncio.create_task", "asyncio.ensure_future"} or name.endswith(
            (".create_task", ".start_soon")
        ):
            used = (node for argument in call.args for node in ast.walk(argument))
            if any(isinstance(node, ast.Name | ast.Attribute) and is_session(source, node) for node in used):
                yield call, f"`{name}` runs a task on a session that this one uses too"


@rule(
    "KIT106",
    title="Sessions keep objects usable after commit",
    why="Without `expire_on_commit=False` the first attribute read after a commit is a hidden query, which fails in async code.",
    fix="Pass `expire_on_commit=False`.",
    bad=bad(
        "app/core/store.py",
        3,
        """
        from sqlalchemy.ext.asyncio import async_sessionmaker

        sessions = async_sessionmaker(engine)
        """,
    ),
    good=good(
        "app/core/store.py",
        """
        from sqlalchemy.ext.asyncio import async_sessionmaker

        sessions = async_sessionmaker(engine, expire_on_commit=False)
        """,
    ),
    layers=SERVICE | {TESTS},
)
def expiring_session(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        if source.is_from(call.func, "sqlalchemy", "async_sessionmaker", "AsyncSession"):
            options = {item.arg for item in call.keywords}
            if None not in options and constant(keyword(call, "expire_on_commit")) is not False:
                yield call, "session expires its objects at commit"
