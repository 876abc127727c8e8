"""Which database is precious: what is not provably local is."""

from pathlib import Path

import pytest

from mcp_server.migrations.target import Address, Class, classify


@pytest.mark.parametrize(
    ("name", "environment", "expected"),
    [
        (":memory:", "production", "disposable"),
        ("", "development", "disposable"),
        ("file:memory?mode=memory&cache=shared&uri=true", "development", "disposable"),
        ("./app.db", "development", "development"),
        ("file:app.db?mode=rwc", "development", "development"),
        ("data/app.db", "test", "development"),
        ("./app.db", "production", "protected"),
        (".kit/scratch/x.db", "production", "disposable"),
        (".kit/scratch/../../app.db", "development", "development"),
        ("../app.db", "development", "protected"),
        ("/var/lib/app.db", "development", "protected"),
        ("link.db", "development", "protected"),
    ],
)
def test_sqlite(tmp_path: Path, name: str, environment: str, expected: Class) -> None:
    root = tmp_path / "workspace"
    root.mkdir()
    (root / "link.db").symlink_to(tmp_path / "elsewhere.db")
    assert classify(Address("sqlite", (), None, name, environment), root).class_ == expected


@pytest.mark.parametrize(
    ("hosts", "database", "environment", "pghost", "expected"),
    [
        (("127.0.0.1",), "shop", "development", "", "development"),
        (("localhost",), "shop", "test", "", "development"),
        (("::1",), "shop", "development", "", "development"),
        (("/var/run/postgresql",), "shop", "development", "", "development"),
        ((), "shop", "development", "", "development"),
        (("localhost",), "shop_test", "production", "", "disposable"),
        (("localhost",), "shop_scratch", "development", "", "disposable"),
        (("localhost",), "shop", "production", "", "protected"),
        (("db.example.com",), "shop_test", "test", "", "protected"),
        (("localhost.example.com",), "shop", "development", "", "protected"),
        (("10.0.0.5",), "shop", "development", "", "protected"),
        (("127.0.0.1", "db.example.com"), "shop", "development", "", "protected"),
        ((), "shop", "development", "db.example.com", "protected"),
    ],
)
def test_servers(
    tmp_path: Path, hosts: tuple[str, ...], database: str, environment: str, pghost: str, expected: Class
) -> None:
    address = Address("postgresql", hosts, 5432, database, environment, pghost)
    assert classify(address, tmp_path).class_ == expected
