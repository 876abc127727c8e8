"""Which tests an affected-only run chooses."""

from pathlib import Path

import pytest

from mcp_server.gates.affected import affected_tests
from tests.mcp_server.gates.project import Project

ALL = ("tests/app",)


@pytest.fixture
def shop(project: Project) -> Project:
    """Two features whose routers are discovered, and a factory that one of the tests uses."""
    files = {
        "app/core/clock.py": "",
        "app/models/order.py": "import app.core.clock\n",
        "app/models/user.py": "import app.core.clock\n",
        "app/services/order.py": "from app.models import order\n",
        "app/services/user.py": "from app.models.user import User\n",
        "app/api/v1/__init__.py": "",
        "app/api/v1/orders.py": "def f():\n    from app.services import order\n",
        "app/api/v1/users.py": "from app.services.user import find\n",
        "app/broken.py": "def (:\n",
        "tests/app/conftest.py": "from app.core import clock\n",
        "tests/app/factories/__init__.py": "",
        "tests/app/factories/user.py": "from app.models.user import User\n",
        "tests/app/api/test_orders.py": "from tests.app.factories.user import make\n",
        "tests/app/api/test_users.py": "",
        "docs/read.md": "",
    }
    for path, text in files.items():
        project.write(path, text)
    return project


@pytest.mark.parametrize(
    ("changed", "tests"),
    [
        (["app/services/order.py"], ("tests/app/api/test_orders.py",)),
        (["app/models/order.py"], ("tests/app/api/test_orders.py",)),
        (["app/services/user.py"], ("tests/app/api/test_users.py",)),
        (["app/models/user.py"], ("tests/app/api/test_orders.py", "tests/app/api/test_users.py")),
        (["tests/app/factories/user.py"], ("tests/app/api/test_orders.py",)),
        (["tests/app/api/test_users.py"], ("tests/app/api/test_users.py",)),
        (
            ["app/services/order.py", "app/services/user.py"],
            ("tests/app/api/test_orders.py", "tests/app/api/test_users.py"),
        ),
        (["app/core/clock.py"], ALL),
        (["tests/app/conftest.py"], ALL),
        (["app/__init__.py"], ALL),
        (["app/broken.py"], ALL),
        (["alembic/versions/1.py"], ALL),
        (["app/services/deleted.py"], ALL),
    ],
    ids=str,
)
def test_tests_that_depend_on_a_change(shop: Project, changed: list[str], tests: tuple[str, ...]) -> None:
    assert affected_tests(shop.workspace, changed, "tests/app") == tests


async def test_only_affected_tests_run_and_coverage_is_not_judged(project: Project) -> None:
    project.write(
        "app/services/number.py", "def one() -> int:\n    return 1\n\n\ndef two() -> int:\n    return 2\n"
    )
    project.write(
        "tests/app/test_number.py",
        "from app.services.number import one\n\n\ndef test_one() -> None:\n    assert one() == 1\n",
    )
    project.replace("tests/app/test_greetings.py", 'assert greet("") == "Hello"', "raise AssertionError")
    report = await project.run("tests", changed=["app/services/number.py"])
    assert [(result.status, result.summary) for result in report.results] == [("passed", "1 tests passed")]
    report = await project.run("tests", changed=["app/services/number.py", "docs/read.md"])
    assert report.results[0].summary == "1 tests passed"
    report = await project.run("tests", changed=["app/services/greeting.py"])
    assert report.verdict == "failed"
    assert Path(report.results[0].findings[0].file).name == "test_greetings.py"
