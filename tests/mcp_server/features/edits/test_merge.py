"""What `merge` makes of each kind of difference and each kind of hand edit: before, after, and the file in between."""

from typing import Any, NamedTuple

import pytest

from mcp_server.features.edits.conflicts import EditConflict
from mcp_server.features.edits.merge import merge

PATH = "app/models/product.py"


class Scenario(NamedTuple):
    """Base becomes wanted; current becomes result."""

    base: str
    wanted: str
    current: str
    result: str


SCENARIOS = {
    "a field at the end of a class": Scenario(
        "class A:\n    x: int\n",
        "class A:\n    x: int\n    y: str\n",
        "class A:\n    x  :  int   # odd, mine\n\n    def f(self): return 1\n",
        "class A:\n    x  :  int   # odd, mine\n    y: str\n\n    def f(self): return 1\n",
    ),
    "a field between fields that somebody has moved": Scenario(
        "class A:\n    x: int\n    z: int\n",
        "class A:\n    x: int\n    y: str\n    z: int\n",
        "class A:\n    z: int\n    # mine\n    own: int\n    x: int\n",
        "class A:\n    z: int\n    # mine\n    own: int\n    x: int\n    y: str\n",
    ),
    "a field before all others": Scenario(
        'class A:\n    """Doc."""\n\n    x: int\n',
        'class A:\n    """Doc."""\n\n    w: int\n    x: int\n',
        'class A:\n    """Doc."""\n\n    # the x\n    x: int\n',
        'class A:\n    """Doc."""\n\n    w: int\n\n    # the x\n    x: int\n',
    ),
    "a field goes, the comment above it stays": Scenario(
        "class A:\n    x: int\n    y: str\n    z: int\n",
        "class A:\n    x: int\n    z: int\n",
        "class A:\n    x: int  # one\n    # about y\n    y: str\n    own: int\n    z: int\n",
        "class A:\n    x: int  # one\n    # about y\n    own: int\n    z: int\n",
    ),
    "a renamed field keeps its place, its comment and what was added to it": Scenario(
        "class A:\n    x: Mapped[int] = mapped_column(index=True)\n    z: int\n",
        "class A:\n    y: Mapped[int] = mapped_column(index=True)\n    z: int\n",
        "class A:\n    x: Mapped[int] = mapped_column(index=True, comment='mine')  # why\n    z: int\n",
        "class A:\n    y: Mapped[int] = mapped_column(index=True, comment='mine')  # why\n    z: int\n",
    ),
    "an argument changes in a call that is laid out by hand": Scenario(
        "x = column(String(100), index=True)\n",
        "x = column(String(200), index=True)\n",
        "x = column(\n  String(100),  # long\n  index=True, comment='mine',\n)\n",
        "x = column(\n  String(200),  # long\n  index=True, comment='mine',\n)\n",
    ),
    "an argument comes and another goes": Scenario(
        "x = column(String(100), index=True)\n",
        "x = column(String(100), unique=True)\n",
        "x = column(String(100), index = True, comment='mine')\n",
        "x = column(String(100), unique=True, comment='mine')\n",
    ),
    "an element of a tuple that is written one per line": Scenario(
        "columns = (\n    A.id,\n    A.name,\n)\n",
        "columns = (\n    A.id,\n    A.size,\n    A.name,\n)\n",
        "columns = (\n    A.id,  # key\n    # mine\n    *OWN,\n    A.name,\n)\n",
        "columns = (\n    A.id,  # key\n    A.size,\n    # mine\n    *OWN,\n    A.name,\n)\n",
    ),
    "an element of a list that is written in a line": Scenario(
        "x = [1, 2]\n", "x = [1, 2, 3]\n", "x = [1,2]  # mine\n", "x = [1,2, 3]  # mine\n"
    ),
    "a list where a tuple was": Scenario("x = (1, 2)\n", "x = (1, 2, 3)\n", "x = [1, 2]\n", "x = [1, 2, 3]\n"),
    "a tuple of one keeps its comma": Scenario("x = (1, 2)\n", "x = (1,)\n", "x = (1, 2)  # k\n", "x = (1,)  # k\n"),
    "a literal of one loses its comma": Scenario(
        "x: Literal['a', 'b']\n", "x: Literal['a']\n", "x: Literal[\n    'a',\n    'b',\n]\n", "x: Literal[\n    'a'\n]\n"
    ),
    "an entry of a dictionary comes, one changes, one goes": Scenario(
        "d = {'a': 1, 'b': 2, 'c': 3}\n",
        "d = {'a': 1, 'n': 0, 'b': 4}\n",
        "d = {\n    'a': 1,\n    'b': 2,  # two\n    **own,\n    'c': 3,\n}\n",
        "d = {\n    'a': 1,\n    'n': 0,\n    'b': 4,  # two\n    **own,\n}\n",
    ),
    "a parameter, a default and what is returned": Scenario(
        "def f(a: int, *, b: str = 'x') -> None:\n    return g(a)\n",
        "async def f(a: int, c: int, *, b: str = 'y') -> int:\n    return g(a, c)\n",
        "def f(a: int, own: int, *, b: str = 'x') -> None:\n    own += 1\n    return g(a)\n",
        "async def f(a: int, c: int, own: int, *, b: str = 'y') -> int:\n    own += 1\n    return g(a, c)\n",
    ),
    "a decorator and a base class": Scenario(
        "@one\nclass A:\n    x: int\n",
        "@one\n@two(1)\nclass A(B):\n    x: int\n",
        "@one\n@own\nclass A:\n    x: int\n    y: int\n",
        "@one\n@two(1)\n@own\nclass A(B):\n    x: int\n    y: int\n",
    ),
    "a method where somebody has put one too": Scenario(
        "class A:\n    def f(self):\n        return 1\n",
        "class A:\n    def f(self):\n        return 1\n\n    def g(self):\n        return 2\n",
        "class A:\n    def f(self):\n        log()\n        return 1\n\n    def own(self):\n        return 3\n",
        "class A:\n    def f(self):\n        log()\n        return 1\n\n    def g(self):\n        return 2\n\n"
        "    def own(self):\n        return 3\n",
    ),
    "a function goes from between two": Scenario(
        "def f():\n    pass\n\n\ndef g():\n    pass\n\n\ndef h():\n    pass\n",
        "def f():\n    pass\n\n\ndef h():\n    pass\n",
        "# top\ndef f():\n    pass\n\n\ndef g():\n    pass\n\n\ndef own():\n    pass\n\n\ndef h():\n    pass\n",
        "# top\ndef f():\n    pass\n\n\ndef own():\n    pass\n\n\ndef h():\n    pass\n",
    ),
    "a statement in a body, and in a block inside it": Scenario(
        "def f(v):\n    k = {}\n    if 'a' in v:\n        k['a'] = 1\n    return k\n",
        "def f(v):\n    k = {}\n    if 'a' in v:\n        k['a'] = 2\n    if 'b' in v:\n        k['b'] = 1\n    return k\n",
        "def f(v):\n    k = {}\n    own = 1\n    if 'a' in v:\n        log()\n        k['a'] = 1\n    return k\n",
        "def f(v):\n    k = {}\n    own = 1\n    if 'a' in v:\n        log()\n        k['a'] = 2\n"
        "    if 'b' in v:\n        k['b'] = 1\n    return k\n",
    ),
    "an annotation where there was none": Scenario(
        "def f():\n    rows = []\n    return rows\n",
        "def f():\n    rows: list[int] = []\n    return rows\n",
        "def f():\n    own()\n    rows = []  # none\n    return rows\n",
        "def f():\n    own()\n    rows: list[int] = []  # none\n    return rows\n",
    ),
    "a docstring": Scenario('"""Old."""\n\nx = 1\n', '"""New."""\n\nx = 1\n', '"""Old."""\n\nx = 1\ny = 2\n', '"""New."""\n\nx = 1\ny = 2\n'),
    "a new order moves what is in the file": Scenario(
        "d = {'a': 1, 'b': 2, 'c': 3}\n",
        "d = {'c': 3, 'a': 1, 'b': 2}\n",
        "d = {'a': 1, 'b': 2, 'own': 0, 'c': 3}\n",
        "d = {'c': 3, 'a': 1, 'b': 2, 'own': 0}\n",
    ),
    "names of an import, in order": Scenario(
        "from a import B, D\n\nx: B\n",
        "from a import B, C\n\nx: B\n",
        "import re\n\nfrom a import B, D, own\n\nx: B\n",
        "import re\n\nfrom a import B, C, own\n\nx: B\n",
    ),
    "an import that an edit still uses": Scenario(
        "from a import B, D\n\nx: B\ny: D\n",
        "from a import B\n\nx: B\n",
        'from a import B, D\n\nx: B\ny: D\nz: "list[D]"\n',
        'from a import B, D\n\nx: B\nz: "list[D]"\n',
    ),
    "an import of its own, in its group": Scenario(
        "from uuid import UUID\n\nfrom app.b import B\n\nx: B\n",
        "from decimal import Decimal\nfrom uuid import UUID\n\nfrom pydantic import Field\n\nfrom app.b import B\n\nx: Decimal\n",
        "import re  # mine\nfrom uuid import UUID\n\nfrom app.a import own\nfrom app.b import B\n\nx: B\n",
        "import re  # mine\nfrom decimal import Decimal\nfrom uuid import UUID\n\nfrom pydantic import Field\n\n"
        "from app.a import own\nfrom app.b import B\n\nx: Decimal\n",
    ),
    "imports in two places": Scenario(
        "from a import B, D\nfrom c import E\n\nx: B = D(E)\n",
        "from a import A, B\n\nx: B = A()\n",
        "from c import E\nimport own\n\nown.start()\nfrom a import B, D\n\nx: B = D(E)\n",
        "import own\n\nown.start()\nfrom a import A, B\n\nx: B = A()\n",
    ),
    "a name that the file has under another one": Scenario(
        "from a import B, D\n\n\nclass A:\n    x = B(D)\n",
        "from a import B, C, D\n\n\nclass A:\n    x = B(D)\n    y = B(C, D)\n",
        "import a\nfrom a import D\n\n\nclass A:\n    x = a.B(D)\n",
        "import a\nfrom a import B, C, D\n\n\nclass A:\n    x = a.B(D)\n    y = B(C, D)\n",
    ),
    "a module that the file has under another name": Scenario(
        "import datetime as dt\n\nx = dt.a\n",
        "import datetime as dt\n\nx = dt.a\ny = dt.b\n",
        "import datetime\n\nx = datetime.a\n",
        "import datetime\nimport datetime as dt\n\nx = datetime.a\ny = dt.b\n",
    ),
    "an annotation needs a name, whatever comes from the future": Scenario(
        "from a import B\n\n\nclass A:\n    x: B\n",
        "from a import B\n\n\nclass A:\n    x: B\n    y: B\n",
        "from __future__ import annotations\n\nimport a\n\n\nclass A:\n    x: a.B\n",
        "from __future__ import annotations\n\nimport a\nfrom a import B\n\n\nclass A:\n    x: a.B\n    y: B\n",
    ),
    "a name that the file has for type checkers only": Scenario(
        "from a import B\n\n\nclass A:\n    x: B\n",
        "from a import B\n\n\nclass A:\n    x: B\n    y: B\n",
        'import a\n\nif TYPE_CHECKING:\n    from a import B\n\n\nclass A:\n    x: "B"\n',
        'import a\nfrom a import B\n\nif TYPE_CHECKING:\n    from a import B\n\n\nclass A:\n    x: "B"\n    y: B\n',
    ),
    "a name for type checkers that nothing put in needs": Scenario(
        "from a import B\n\n\nclass A:\n    x: B\n",
        "from a import B\n\n\nclass A:\n    x: B\n    y: int\n",
        'import a\n\nif TYPE_CHECKING:\n    from a import B\n\n\nclass A:\n    x: "B"\n\n    def f(self) -> B: ...\n',
        'import a\n\nif TYPE_CHECKING:\n    from a import B\n\n\nclass A:\n    x: "B"\n    y: int\n\n    def f(self) -> B: ...\n',
    ),
    "a name that the file has from somewhere else": Scenario(
        "from a import B, D\n\nx = [D()]\n",
        "from a import B, D\n\nx = [D(), B()]\n",
        "from own import B\nfrom a import D\n\nx = [D()]  # mine\n",
        "from own import B\nfrom a import D\n\nx = [D(), B()]  # mine\n",
    ),
    "a name that only a function has": Scenario(
        "from a import B\n\nx = [1]\ny = B()\n",
        "from a import B\n\nx = [1, B()]\ny = B()\n",
        "import a\n\nx = [1]\n\n\ndef y():\n    from a import B\n\n    return B()\n",
        "import a\nfrom a import B\n\nx = [1, B()]\n\n\ndef y():\n    from a import B\n\n    return B()\n",
    ),
    "a name that the file has from who knows where": Scenario(
        "class B: ...\n\n\nx = [1]\n",
        "class B: ...\n\n\nx = [1, B]\n",
        "from own import *\n\nx = [1]\n",
        "from own import *\n\nx = [1, B]\n",
    ),
    "line ends of Windows": Scenario(
        "class A:\n    x: int\n", "class A:\n    x: int\n    y: int\n", "# mine\r\nclass A:\r\n    x: int\r\n", "# mine\r\nclass A:\r\n    x: int\r\n    y: int\r\n"
    ),
    "no line break at the end, a mark of UTF-8 at the start": Scenario(
        "x = [1]\n", "x = [1, 2]\n", "\ufeffé = 'é'; 'é'\nx = [ 1 ]", "\ufeffé = 'é'; 'é'\nx = [ 1, 2 ]"
    ),
    "another indentation": Scenario(
        "class A:\n    x: int\n",
        "class A:\n    x: int\n\n    def f(self):\n        return [\n            1,\n        ]\n",
        "class A:\n  x: int\n  own: int\n",
        "class A:\n  x: int\n\n  def f(self):\n      return [\n          1,\n      ]\n  own: int\n",
    ),
    "another indentation, and a string of several lines": Scenario(
        "class A:\n    x: int\n",
        'class A:\n    x: int\n\n    def f(self):\n        return """a\n    b"""\n',
        "class A:\n  x: int\n  own: int\n",
        'class A:\n  x: int\n\n  def f(self):\n      return """a\n    b"""\n  own: int\n',
    ),
    "what is wanted is there, made by hand": Scenario(
        "class A:\n    x: int\n", "class A:\n    x: int\n    y: str\n", "class A:\n    y:str\n    x: int\n", "class A:\n    y:str\n    x: int\n"
    ),
    "what has to go has gone": Scenario(
        "class A:\n    x: int\n    y: str\n", "class A:\n    x: int\n", "class A:\n    x:int\n", "class A:\n    x:int\n"
    ),
    "what is put in may use a method of a base class": Scenario(
        "class A:\n    x: int\n\n    def f(self):\n        return 1\n",
        "class A:\n    x: int\n\n    def f(self):\n        return 1\n\n    def g(self):\n        return self.f()\n",
        "class A(Own):\n    x: int\n",
        "class A(Own):\n    x: int\n\n    def g(self):\n        return self.f()\n",
    ),
    "what changes elsewhere leaves a removed method removed": Scenario(
        "class A:\n    x: int\n\n    def f(self):\n        return 1\n",
        "class A:\n    x: str\n\n    def f(self):\n        return 1\n",
        "class A:\n    x: int\n",
        "class A:\n    x: str\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SCENARIOS)
def test_the_difference_is_put_in_and_nothing_else(name: str) -> None:
    base, wanted, current, result = SCENARIOS[name]
    assert merge(PATH, base, wanted, current) == result


@pytest.mark.parametrize("name", SCENARIOS)
def test_what_is_done_is_not_done_again(name: str) -> None:
    base, wanted, _, result = SCENARIOS[name]
    assert merge(PATH, base, wanted, result) == result
    assert merge(PATH, wanted, wanted, result) == result
    assert merge(PATH, base, wanted, base) == wanted


class Clash(NamedTuple):
    """Base becomes wanted, which meets something in current: code and line."""

    base: str
    wanted: str
    current: str
    problems: list[tuple[str, int]]


ONE, TWO = "class A:\n    x: int\n", "class A:\n    x: int\n    y: int\n"
CLASHES = {
    "the file is no Python": Clash(ONE, TWO, "x = (\n", [("EDT001", 1)]),
    "the file holds a NUL": Clash(ONE, TWO, "x = '\0'\n", [("EDT001", 1)]),
    "the class is gone": Clash(ONE, TWO, "class B:\n    x: int\n", [("EDT002", 1)]),
    "the argument is gone": Clash("x = f(a=1)\n", "x = f(a=2)\n", "y = 1\nx = f(b=1)\n", [("EDT002", 2)]),
    "the value was edited": Clash("x = f(a=1)\n", "x = f(a=2)\n", "x = f(\n    a=3\n)\n", [("EDT003", 2)]),
    "what has to go was edited": Clash(TWO, ONE, "class A:\n    x: int\n    y: int = 3\n", [("EDT003", 3)]),
    "what has to go has a comment": Clash(TWO, ONE, "class A:\n    x: int\n    y: int  # !\n", [("EDT003", 3)]),
    "an element that has to go has a comment": Clash("x = [1, 2]\n", "x = [1]\n", "x = [\n  1,\n  2, # !\n]\n", [("EDT003", 3)]),
    "a method was put into a class that has to go": Clash(
        "x = 1\n\n\n" + ONE, "x = 1\n", "x = 1\n\n\n" + ONE + "\n    def f(self): ...\n", [("EDT003", 4)]
    ),
    "the name is taken": Clash(ONE, TWO, "class A:\n    x: int\n    y: str\n", [("EDT004", 3)]),
    "the new name is taken": Clash(ONE, "class A:\n    z: int\n", "class A:\n    x: int\n    z: str\n", [("EDT004", 3)]),
    "the import is taken": Clash(
        "from a import B\n\nx: B\n", "from a import B, C\n\nx: C\n", "from a import B\nfrom b import C\n\nx: B\n", [("EDT004", 2)]
    ),
    "what has to go is there twice": Clash("x = [1, 2]\n", "x = [1]\n", "x = [1, 2, 2]\n", [("EDT004", 1)]),
    "what has to go has a namesake": Clash(TWO, ONE, TWO + "    y: str\n", [("EDT004", 4)]),
    "the file is empty": Clash(ONE, TWO, "", [("EDT003", 1)]),
    "a statement would get into a block": Clash(
        "a = 1\nb = 2\n", "a = 1\nif a:\n    c()\nb = 2\n", "a = 1; own = 0; b = 2\n", [("EDT006", 1)]
    ),
    "an import that has to go has a comment": Clash(
        "import a\nfrom b import c\n\na(c)\n", "import a\n\na()\n", "import a\nfrom b import c  # !\n\na(c)\n", [("EDT003", 2)]
    ),
    "what is put in uses a class that was moved away": Clash(
        "import a\n\n\nclass B: ...\n\n\nx = [a, 1]\n",
        "import a\n\n\nclass B: ...\n\n\nx = [a, B]\n",
        "import a\nimport own\n\nx = [a, 1]\n",
        [("EDT002", 1)],
    ),
    "what is put in uses a method that was taken out": Clash(
        "class A:\n    x: int\n\n    def f(self):\n        return 1\n",
        "class A:\n    x: int\n\n    def f(self):\n        return 1\n\n    def g(self):\n        return self.f()\n",
        "class A:\n    x: int\n",
        [("EDT002", 1)],
    ),
    "the body shares a line": Clash(ONE, TWO, "class A: x: int; z = 1\n", [("EDT003", 1)]),
    "all at once": Clash(
        "a = 1\nb = 2\nc = [1, 2]\n", "a = 2\nb = 3\nc = [1]\n", "a = 9\nc = [\n    1,\n    2,  # k\n]\n", [("EDT002", 1), ("EDT003", 1), ("EDT003", 4)]
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CLASHES)
def test_what_meets_an_edit_is_named_with_its_line(name: str) -> None:
    base, wanted, current, problems = CLASHES[name]
    with pytest.raises(EditConflict) as caught:
        merge(PATH, base, wanted, current)
    assert [(each.code, each.place) for each in caught.value.problems] == [
        (code, f"{PATH}:{line}") for code, line in problems
    ]
    assert all(each.reason and each.hint for each in caught.value.problems)


def test_the_patch_holds_what_found_no_place_and_no_more() -> None:
    base = "a = 1\n" + "\n" * 9 + "b = [1, 2]\n"
    wanted = "a = 2\n" + "\n" * 9 + "b = [1, 3]\n"
    with pytest.raises(EditConflict) as caught:
        merge(PATH, base, wanted, base.replace("a = 1", "a = 5"))
    lines = [f"--- a/{PATH}", f"+++ b/{PATH}", "@@ -1,4 +1,4 @@", "-a = 1", "+a = 2", " ", " ", " "]
    assert caught.value.patch.splitlines() == lines


def test_a_name_that_is_nowhere_is_named_with_the_whole_patch() -> None:
    base = "class B: ...\n\n\nx = [1]\n"
    with pytest.raises(EditConflict) as caught:
        merge(PATH, base, base.replace("1", "1, B"), "x = [1]  # mine\n")
    (problem,) = caught.value.problems
    assert "`B`" in problem.reason
    assert "+x = [1, B]" in caught.value.patch.splitlines()


STYLES = {
    "the package under a name": ("import sqlalchemy as sa\nfrom sqlalchemy.orm import Mapped, mapped_column", "sa.", ""),
    "the package under its own name": ("import sqlalchemy\nfrom sqlalchemy.orm import Mapped, mapped_column", "sqlalchemy.", ""),
    "its modules": ("from sqlalchemy import Index, String, orm", "", "orm."),
}  # fmt: skip


@pytest.mark.parametrize("style", STYLES)
def test_what_is_put_in_runs_in_a_file_of_another_style(style: str) -> None:
    imports, core, orm = STYLES[style]
    base = (
        "from sqlalchemy import Index, String\nfrom sqlalchemy.orm import Mapped, mapped_column\n\n\n"
        'class Bolt:\n    name: Mapped[str] = mapped_column(String(40))\n\n\nrules = [Index("a", "name")]\n'
    )
    phone = "    phone: Mapped[str | None] = mapped_column(String(30))\n"
    body = "    body: Mapped[str | None] = mapped_column(Text)\n"
    wanted = (
        base.replace("String\n", "String, Text\n")
        .replace("(40))\n", f"(40))\n{phone}{body}")
        .replace('"name")]', '"name"), Index("b", "phone")]')
    )
    current = (
        f"{imports}\n\n\nclass Bolt:\n    name: {orm}Mapped[str] = {orm}mapped_column({core}String(40))\n\n\n"
        f'rules = [{core}Index("a", "name")]\n'
    )
    result = merge(PATH, base, wanted, current)
    scope: dict[str, Any] = {}
    exec(compile(result, PATH, "exec"), scope)  # noqa: S102  # a name that is missing raises NameError
    assert list(scope["Bolt"].__annotations__) == ["name", "phone", "body"]
    assert [index.name for index in scope["rules"]] == ["a", "b"]
    assert f"{orm}mapped_column({core}String(40))" in result


def test_without_a_difference_nothing_is_even_read() -> None:
    assert merge(PATH, "x = 1\n", "x = 1\n", "y = (\n") == "y = (\n"


def test_what_was_put_in_by_hand_elsewhere_is_left_out() -> None:
    base = "import a\n\n\nclass A:\n    x: a.X\n    y: a.Y\n"
    wanted = "import a\nimport b\n\n\nclass A:\n    x: a.X\n    y: b.Y\n    w: int\n"
    current = "import a\n\n\nclass Own:\n    y: int\n\n\nclass A(Own):\n    x: a.X\n"
    with pytest.raises(EditConflict):
        merge(PATH, base, wanted, current)
    result = "import a\n\n\nclass Own:\n    y: int\n\n\nclass A(Own):\n    x: a.X\n    w: int\n"
    assert merge(PATH, base, wanted, current, by_hand=True) == result
