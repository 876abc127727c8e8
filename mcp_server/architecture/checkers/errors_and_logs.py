"""KIT5xx: errors say what the client may know, logs what the operator needs."""

import ast
from collections.abc import Iterator

from mcp_server.architecture.layers import MIGRATIONS, SERVICE
from mcp_server.architecture.rule import Found, bad, good, rule
from mcp_server.architecture.source import SourceFile, receiver

RESPONSES = ("HTTPException", "Response", "DomainError")
DOMAIN_ERRORS = frozenset(
    {"NotFound", "Conflict", "Invalid", "Forbidden", "Unauthenticated", "RateLimited", "Busy"}
)
LEVELS = frozenset({"debug", "info", "warning", "error", "exception", "critical"})
LOGGERS = frozenset({"log", "logger", "_log", "_logger", "LOG", "LOGGER"})
SECRETS = frozenset(
    {
        "password",
        "hashed_password",
        "secret",
        "secret_key",
        "token",
        "access_token",
        "refresh_token",
        "api_key",
    }
    | {"authorization", "cookie", "confirm_password", "new_password"}
)


@rule(
    "KIT501",
    title="No exception text in responses",
    why="An exception's text names tables, files and hosts; it is written for the operator.",
    fix="Answer with a sentence of your own and log the exception.",
    bad=bad(
        "app/services/product.py",
        7,
        """
        from app.core.errors import Conflict

        try:
            save()
        except ValueError as error:
            # the next line sends the text out
            raise Conflict(str(error))
        """,
    ),
    good=good(
        "app/services/product.py",
        """
        from app.core.errors import Conflict

        try:
            save()
        except ValueError as error:
            log.warning("product.rejected", reason=str(error))
            raise Conflict("the name is taken") from error
        """,
    ),
)
def exception_text(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        made = source.name_of(call.func).rpartition(".")[2]
        if not (made.endswith(RESPONSES) or made in DOMAIN_ERRORS):
            continue
        caught = _exceptions_in_scope(source, call)
        values = [*call.args, *(item.value for item in call.keywords)]
        if caught and any(_shows(node, caught) for value in values for node in ast.walk(value)):
            yield call, f"`{made}` carries the text of an exception"


def _exceptions_in_scope(source: SourceFile, node: ast.AST) -> set[str]:
    names = {up.name for up in source.ancestors(node) if isinstance(up, ast.ExceptHandler) and up.name}
    function = source.function_around(node)
    if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
        for argument in function.args.args:
            last = source.name_of(argument.annotation).rpartition(".")[2]
            if last in {"Exception", "BaseException"}:
                names.add(argument.arg)
    return names


def _shows(node: ast.AST, caught: set[str]) -> bool:
    """`str(error)`, `repr(error)`, `f"{error}"`, `error.args`: the exception itself as text."""
    if isinstance(node, ast.FormattedValue):
        return _is_caught(node.value, caught)
    if isinstance(node, ast.Call):
        named = isinstance(node.func, ast.Name) and node.func.id in {"str", "repr", "format"}
        return named and any(_is_caught(argument, caught) for argument in node.args)
    return isinstance(node, ast.Attribute) and node.attr == "args" and _is_caught(node.value, caught)


def _is_caught(node: ast.AST, caught: set[str]) -> bool:
    return isinstance(node, ast.Name) and node.id in caught


@rule(
    "KIT502",
    title="No print",
    why="Printed text has no level, no request id, and mixes with whatever else uses the stream.",
    fix='Log an event: `log.info("product.created", public_id=...)`.',
    layers=SERVICE | {MIGRATIONS},
    bad=bad("app/services/product.py", 1, 'print("created")\n'),
    good=good("app/services/product.py", 'log.info("product.created")\n'),
)
def prints(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        if source.name_of(call.func) in {"print", "pprint.pprint"}:
            yield call, "prints instead of logging"


@rule(
    "KIT503",
    title="No swallowed exceptions",
    why="What nobody hears of nobody mends.",
    fix="Catch the exception you expect, and log or raise.",
    layers=SERVICE | {MIGRATIONS},
    bad=bad(
        "app/services/product.py",
        3,
        """
        try:
            send()
        except Exception:
            pass
        """,
    ),
    good=good(
        "app/services/product.py",
        """
        try:
            send()
        except Exception:
            log.exception("mail.failed")
            raise
        """,
    ),
)
def swallowed(source: SourceFile) -> Iterator[Found]:
    for handler in source.nodes(ast.ExceptHandler):
        if handler.type is None:
            if not any(isinstance(node, ast.Raise) for item in handler.body for node in ast.walk(item)):
                yield handler, "a bare `except:` catches even cancellation"
        elif _is_broad(source, handler.type) and all(_does_nothing(item) for item in handler.body):
            yield handler, "catches every exception and does nothing"


def _is_broad(source: SourceFile, caught: ast.expr) -> bool:
    options = caught.elts if isinstance(caught, ast.Tuple) else [caught]
    return any(source.name_of(option) in {"Exception", "BaseException"} for option in options)


def _does_nothing(statement: ast.stmt) -> bool:
    idle = isinstance(statement, ast.Pass | ast.Continue | ast.Break)
    return idle or (isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant))


@rule(
    "KIT504",
    title="Log events have static names",
    why="Names that differ per record can be neither counted nor searched, and text in them escapes redaction.",
    fix='Name the event and pass the values: `log.info("product.created", public_id=str(product.public_id))`.',
    bad=bad("app/services/product.py", 1, 'log.info(f"created {product.public_id}")\n'),
    good=good("app/services/product.py", 'log.info("product.created", public_id=str(product.public_id))\n'),
)
def dynamic_event(source: SourceFile) -> Iterator[Found]:
    for call in _log_calls(source):
        if call.args and isinstance(call.args[0], ast.JoinedStr | ast.BinOp | ast.Call):
            yield call, "the event name is put together at run time"


@rule(
    "KIT505",
    title="No secrets in logs",
    why="Logs are copied to more places than anyone remembers.",
    fix="Leave the value out; log the `public_id` of whom it belongs to.",
    bad=bad("app/services/user.py", 1, 'log.info("user.login", email=email, password=form.password)\n'),
    good=good("app/services/user.py", 'log.info("user.login", public_id=str(user.public_id))\n'),
)
def secret_in_log(source: SourceFile) -> Iterator[Found]:
    for call in _log_calls(source):
        named = [item.arg for item in call.keywords if item.arg in SECRETS]
        values = (source.name_of(value) for value in [*call.args, *(item.value for item in call.keywords)])
        named += [name for name in values if name.rpartition(".")[2] in SECRETS]
        if named:
            yield call, f"logs `{named[0]}`"


def _log_calls(source: SourceFile) -> Iterator[ast.Call]:
    for call in source.nodes(ast.Call):
        level = call.func.attr if isinstance(call.func, ast.Attribute) else ""
        if level in LEVELS and source.name_of(receiver(call)).rpartition(".")[2] in LOGGERS:
            yield call
