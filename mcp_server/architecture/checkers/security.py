"""KIT8xx: no secrets in the source, no SQL from strings, no unverified tokens."""

import ast
import re
from collections.abc import Iterator

from mcp_server.architecture.layers import MIGRATIONS, SERVICE
from mcp_server.architecture.rule import Found, bad, good, rule
from mcp_server.architecture.source import SourceFile, constant, is_session, keyword

SECRET_NAME = re.compile(
    r"(^|_)(password|passwd|secret|secret_key|api_key|apikey|private_key|access_key|token)$", re.IGNORECASE
)
SECRET_SHAPE = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY|\bAKIA[0-9A-Z]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36}|\bsk_live_[A-Za-z0-9]{16}"
    r"|\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\.|://[^/:@\s{]+:[^/@\s{]{3,}@(?!localhost|127\.)"
)
PLACEHOLDER = re.compile(r"replace|change|example|placeholder|development|dummy", re.IGNORECASE)
SECRET_VALUE = re.compile(r"[A-Za-z0-9+/=_.!@#$%^&*-]{8,}")


@rule(
    "KIT801",
    title="No SQL from strings",
    why="Text pasted into SQL is an injection waiting for its input.",
    fix='Bind the value: `text("... where name = :name")` with `{"name": name}`, or build it with `select()`.',
    layers=SERVICE | {MIGRATIONS},
    bad=bad(
        "app/repositories/product.py",
        5,
        """
        from sqlalchemy import text


        def by_name(name):
            return text(f"select * from products where name = '{name}'")
        """,
    ),
    good=good(
        "app/repositories/product.py",
        """
        from sqlalchemy import text


        def by_name(name):
            return text("select * from products where name = :name").bindparams(name=name)
        """,
    ),
)
def sql_from_strings(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        if not call.args or not _takes_sql(source, call):
            continue
        if isinstance(call.args[0], ast.JoinedStr | ast.BinOp) or _is_format(call.args[0]):
            yield call, "SQL is put together from strings"


def _takes_sql(source: SourceFile, call: ast.Call) -> bool:
    name = source.name_of(call.func)
    if source.is_from(call.func, "sqlalchemy", "text", "literal_column") or name in {
        "alembic.op.execute",
        "op.execute",
    }:
        return True
    method = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    owner = call.func.value if isinstance(call.func, ast.Attribute) else None
    return method in {"exec_driver_sql", "executescript"} or (
        method in {"execute", "scalar", "scalars", "stream"} and is_session(source, owner)
    )


def _is_format(node: ast.expr) -> bool:
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"format", "join"}
    )


@rule(
    "KIT802",
    title="No hard-coded secrets",
    why="What is in the source is in every clone, for ever.",
    fix="Read it from the settings (`app.core.config`), which read the environment.",
    layers=SERVICE | {MIGRATIONS},
    bad=bad("app/core/mail.py", 1, 'SMTP_PASSWORD = "q8Zr!2mPx0vL"\n'),
    good=good(
        "app/core/mail.py", 'token_type = "bearer"\nTOKEN_URL = "/api/v1/auth/login"\npassword: str = ""\n'
    ),
)
def hard_coded_secret(source: SourceFile) -> Iterator[Found]:
    for text in source.nodes(ast.Constant):
        if isinstance(text.value, str) and SECRET_SHAPE.search(text.value):
            yield text, "the text has the shape of a secret"
    if source.layer in {"schemas", "models"}:
        return  # there, what is called `token` or `secret` is a field, and what it is given a default
    for node, name, value in [*source.assignments(), *_keywords(source)]:
        given = constant(value)
        if isinstance(given, str) and SECRET_NAME.search(name) and _is_secret(given):
            yield node, f"`{name}` is given its value in the source"


def _keywords(source: SourceFile) -> Iterator[tuple[ast.AST, str, ast.expr]]:
    for item in source.nodes(ast.keyword):
        yield item, item.arg or "", item.value


def _is_secret(text: str) -> bool:
    return SECRET_VALUE.fullmatch(text) is not None and PLACEHOLDER.search(text) is None


@rule(
    "KIT803",
    title="Tokens are verified",
    why="Without a list of algorithms, or without the signature, anybody can write a token.",
    fix="Pass `algorithms=[...]` and leave the verification on.",
    bad=bad(
        "app/core/tokens.py",
        3,
        """
        import jwt

        claims = jwt.decode(token, key, options={"verify_signature": False})
        """,
    ),
    good=good(
        "app/core/tokens.py",
        """
        import jwt

        claims = jwt.decode(token, key, algorithms=["HS256"], options={"require": ["exp", "sub"]})
        """,
    ),
)
def unverified_token(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        if source.name_of(call.func) != "jwt.decode":
            continue
        options = keyword(call, "options")
        switched_off = isinstance(options, ast.Dict) and any(
            str(constant(key)).startswith("verify_") and constant(value) is False
            for key, value in zip(options.keys, options.values, strict=True)
        )
        unlimited = keyword(call, "algorithms") is None and len(call.args) < 3
        if switched_off or (unlimited and not any(item.arg is None for item in call.keywords)):
            yield call, "decodes a token without verifying it"
