"""KIT3xx: the integer key stays inside the process; `public_id` is what leaves it."""

import ast
from collections.abc import Iterator

from mcp_server.architecture.layers import MIGRATIONS, SERVICE
from mcp_server.architecture.rule import Found, bad, good, rule
from mcp_server.architecture.source import Function, SourceFile, constant


@rule(
    "KIT301",
    title="No integer key in a schema",
    why="Sequential keys tell outsiders how many rows there are and invite guessing; once published they never change.",
    fix="Use `public_id: UUID`, or `<name>_public_id: UUID` for a reference.",
    layers=frozenset({"schemas"}),
    bad=bad(
        "app/schemas/product.py",
        3,
        """
        class ProductRead(ReadSchema):
            name: str
            category_id: int
        """,
    ),
    good=good(
        "app/schemas/product.py",
        """
        from uuid import UUID


        class ProductRead(ReadSchema):
            name: str
            category_public_id: UUID
            tax_id: str
        """,
    ),
)
def integer_key_in_schema(source: SourceFile) -> Iterator[Found]:
    for owner in source.nodes(ast.ClassDef):
        for item in owner.body:
            if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name):
                name = item.target.id
                if name == "id" or (_is_key(source, owner, name) and _mentions_int(item.annotation)):
                    yield item, f"`{owner.name}.{name}` shows an internal key"


def _is_key(source: SourceFile, schema: ast.ClassDef, name: str) -> bool:
    """An integer called `*_id` is a key, unless the models prove it to be plain data (`legacy_id`)."""
    return name.endswith("_id") and not source.facts.is_plain(schema.name, name)


def _mentions_int(annotation: ast.expr) -> bool:
    if isinstance(annotation, ast.Subscript) and isinstance(annotation.slice, ast.Tuple):
        name = annotation.value
        if (
            isinstance(name, ast.Name | ast.Attribute)
            and getattr(name, "id", getattr(name, "attr", "")) == "Annotated"
        ):
            return _mentions_int(annotation.slice.elts[0])
    return any(isinstance(node, ast.Name) and node.id == "int" for node in ast.walk(annotation))


@rule(
    "KIT302",
    title='No "id" in a hand-made response body',
    why="A dict bypasses the response schema, and with it the rule that integer keys stay inside.",
    fix='Return a schema, or use "public_id".',
    layers=frozenset({"api"}),
    bad=bad(
        "app/api/v1/products.py",
        2,
        """
        async def show(product):
            return {"id": product.id, "name": product.name}
        """,
    ),
    good=good(
        "app/api/v1/products.py",
        """
        async def show(product):
            return {"public_id": product.public_id, "name": product.name}
        """,
    ),
)
def id_in_body(source: SourceFile) -> Iterator[Found]:
    for body in source.nodes(ast.Dict):
        for key in body.keys:
            if key is not None and constant(key) == "id":
                yield key, 'a body carries the key "id"'


@rule(
    "KIT303",
    title="Paths and parameters carry public_id only",
    why="An integer in a URL can be counted and guessed.",
    fix="Take `public_id: UUID` and put `{public_id}` in the path.",
    layers=frozenset({"api"}),
    bad=bad(
        "app/api/v1/products.py",
        2,
        """
        @router.get("/{public_id}/parts", response_model=PartPage)
        async def read_product(unit: Reading, product_id: int) -> Page: ...
        """,
    ),
    good=good(
        "app/api/v1/products.py",
        """
        @router.get("/{public_id}", response_model=ProductRead)
        async def read_product(unit: Reading, public_id: UUID) -> ProductRecord: ...
        """,
    ),
)
def key_in_url(source: SourceFile) -> Iterator[Found]:
    for function in source.functions():
        if any(isinstance(item, ast.Call) for item in function.decorator_list):
            for argument in _arguments(function):
                keyish = argument.arg == "id" or argument.arg.endswith("_id")
                if keyish and argument.annotation is not None and _mentions_int(argument.annotation):
                    yield argument, f"parameter `{argument.arg}` is an integer key"
    for text in source.nodes(ast.Constant):
        if isinstance(text.value, str) and text.value.startswith("/") and "{id}" in text.value:
            yield text, "the path holds `{id}`"


def _arguments(function: Function) -> list[ast.arg]:
    return [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]


@rule(
    "KIT304",
    title="Foreign keys never point at public_id",
    why="A join on a 16-byte random key is slower on every engine, and ties rows to the identifier shown outside.",
    fix="Point at `<table>.id`.",
    layers=SERVICE | {MIGRATIONS},
    bad=bad(
        "app/models/product.py",
        5,
        """
        from sqlalchemy import ForeignKey


        class Product(Base):
            category_id: Mapped[UUID] = mapped_column(ForeignKey("categories.public_id"), index=True)
        """,
    ),
    good=good(
        "app/models/product.py",
        """
        from sqlalchemy import ForeignKey


        class Product(Base):
            category_id: Mapped[int] = mapped_column(ForeignKey("categories.id"), index=True)
        """,
    ),
)
def foreign_key_to_public_id(source: SourceFile) -> Iterator[Found]:
    for call in source.nodes(ast.Call):
        name = source.name_of(call.func).rpartition(".")[2]
        if name == "create_foreign_key":
            targets: list[ast.expr] = call.args[4:5] + [
                item.value for item in call.keywords if item.arg == "remote_cols"
            ]
        elif name in {"ForeignKey", "ForeignKeyConstraint"}:
            targets = call.args[0:1] if name == "ForeignKey" else call.args[1:2]
            targets = targets + [item.value for item in call.keywords if item.arg == "refcolumns"]
        else:
            continue
        if any(_is_public_id(node) for target in targets for node in ast.walk(target)):
            yield call, "a foreign key points at public_id"


def _is_public_id(node: ast.AST) -> bool:
    text = constant(node)
    named = isinstance(text, str) and text.rpartition(".")[2] == "public_id"
    return named or (isinstance(node, ast.Attribute) and node.attr == "public_id")


@rule(
    "KIT305",
    title="Tokens name their subject by public_id",
    why="A token is readable by whoever holds it.",
    fix='Put `str(user.public_id)` in "sub".',
    bad=bad("app/core/tokens.py", 1, 'claims = {"sub": str(user.id), "type": "access"}\n'),
    good=good("app/core/tokens.py", 'claims = {"sub": str(user.public_id), "type": "access"}\n'),
)
def key_in_token(source: SourceFile) -> Iterator[Found]:
    for body in source.nodes(ast.Dict):
        for key, value in zip(body.keys, body.values, strict=True):
            named = (node.attr for node in ast.walk(value) if isinstance(node, ast.Attribute))
            if key is not None and constant(key) == "sub" and "id" in named:
                yield value, "the subject of a token is an internal key"


@rule(
    "KIT306",
    title="Every table has id and public_id from the shared base",
    why="A table with a key of its own cannot be joined, referred to or shown like the others.",
    fix="Derive from `Base` of `app.models.base` and declare neither `id` nor `public_id`.",
    layers=frozenset({"models"}),
    bad=bad(
        "app/models/product.py",
        7,
        """
        from app.models.base import Base


        class Product(Base):
            __tablename__ = "products"
            # a second opinion on what a key is
            id: Mapped[UUID] = mapped_column(primary_key=True)
        """,
    ),
    good=good(
        "app/models/product.py",
        """
        from app.models.base import Base


        class Product(Base):
            __tablename__ = "products"
            name: Mapped[str] = mapped_column(String(100))
        """,
    ),
)
def own_key(source: SourceFile) -> Iterator[Found]:
    for model in source.nodes(ast.ClassDef):
        declared = {
            source.name_of(item.target): item for item in model.body if isinstance(item, ast.AnnAssign)
        }
        names = {
            name
            for item in model.body
            if isinstance(item, ast.Assign)
            for name in map(source.name_of, item.targets)
        }
        if "__tablename__" not in names | set(declared):
            continue
        yield from (
            (item, f"`{model.name}` declares its own `{name}`")
            for name, item in declared.items()
            if name in {"id", "public_id"}
        )
        if not any(_is_model_base(source, base) for base in model.bases):
            yield model, f"`{model.name}` does not derive from the shared Base"


def _is_model_base(source: SourceFile, base: ast.expr) -> bool:
    """Any class of the models: `Base` itself, or a model or mixin of this code base that has it."""
    name = source.name_of(base)
    own = any(item.name == name for item in source.nodes(ast.ClassDef))
    return own or source.layers.of_module(name.rpartition(".")[0]) == "models"
