"""Units of work that meet at one row: what each is answered, and what is left when both are done."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import pytest
from fastapi import FastAPI
from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Mapped, mapped_column

from app.core.config import Settings
from app.core.context import Caller, Unit
from app.core.database import Database
from app.core.errors import Conflict, Invalid, NotFound
from app.models.base import Base, SoftDeletes
from app.repositories.base import Repository
from app.repositories.category import CategoryRepository
from app.repositories.user import UserRepository
from app.schemas.product import ProductCreate
from app.services.product import ProductService
from tests.app.factories.category import make_category
from tests.app.factories.product import product_body
from tests.app.factories.user import make_user


class Apart(Base):
    """Tables that no revision makes."""

    __abstract__ = True
    metadata = MetaData()


class Folder(SoftDeletes, Apart):
    __tablename__ = "side_by_side_folders"


class Sheet(SoftDeletes, Apart):
    __tablename__ = "side_by_side_sheets"
    folder_id: Mapped[int] = mapped_column(ForeignKey("side_by_side_folders.id", ondelete="RESTRICT"))
    other_id: Mapped[int] = mapped_column(ForeignKey("side_by_side_folders.id", ondelete="RESTRICT"))


@dataclass(frozen=True, slots=True)
class Row:
    id: int
    public_id: UUID
    created_at: datetime
    updated_at: datetime


class FolderRepository(Repository[Row]):
    title = "folder"
    model = Folder
    record = Row
    columns = (Folder.id, Folder.public_id, Folder.created_at, Folder.updated_at)


class SheetRepository(Repository[Row]):
    title = "sheet"
    model = Sheet
    record = Row
    columns = (Sheet.id, Sheet.public_id, Sheet.created_at, Sheet.updated_at)


@pytest.fixture
async def database(committing_app: FastAPI) -> Database:
    """One whose units run side by side, with the tables above."""
    found: Database = committing_app.state.database
    if found.engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time")
    async with found.engine.begin() as connection:
        await connection.run_sync(Apart.metadata.create_all)
    return found


@pytest.fixture
async def impatient(database: Database, settings: Settings) -> AsyncIterator[Database]:
    """The same one, as seen by whom does not wait long for a lock: MySQL counts in whole seconds."""
    url = database.engine.url.render_as_string(hide_password=False)
    found = Database(settings.model_copy(update={"database_url": url, "database_timeout_seconds": 1}))
    yield found
    await found.close()


@pytest.fixture
async def caller(database: Database) -> Caller:
    return await make_user(database)


@pytest.fixture
async def folder(database: Database) -> Row:
    return await make_folder(database)


async def make_folder(database: Database) -> Row:
    async with database.writing() as session:
        return await FolderRepository(session).add({})


async def refer(database: Database, *public_ids: UUID, barrier: asyncio.Barrier | None = None) -> Row:
    """Make a sheet in two folders; both are looked up before the barrier, and it is made behind it."""
    async with database.writing() as session:
        folders = FolderRepository(session)
        keys = [await folders.key(public_id, "body") for public_id in public_ids]
        if barrier:
            await barrier.wait()
        return await SheetRepository(session).add({}, folder_id=keys[0], other_id=keys[-1])


async def remove(database: Database, folder: Row) -> None:
    async with database.writing() as session:
        await FolderRepository(session).remove(folder)


async def test_two_changes_of_one_row_are_answered_as_it_was(database: Database, caller: Caller) -> None:
    stored = await make_category(database, caller, name="old name", description="old text")
    both_have_read = asyncio.Barrier(2)

    async def change(**values: str) -> Any:
        async with database.writing() as session:
            categories = CategoryRepository(session)
            read = await categories.get(stored.public_id)
            await both_have_read.wait()
            return await categories.change(read, values)

    answers = await asyncio.gather(change(name="new name"), change(description="new text"))
    async with database.reading() as session:
        left = await CategoryRepository(session).get(stored.public_id)
    assert (left.name, left.description) == ("new name", "new text")
    assert left in answers
    first = answers[1 - answers.index(left)]
    assert (first.name, first.description) in [("new name", "old text"), ("old name", "new text")]


async def test_a_deletion_waits_for_who_refers_to_the_row(
    database: Database, impatient: Database, folder: Row
) -> None:
    async with database.writing() as session:
        key = await FolderRepository(session).key(folder.public_id, "body")
        with pytest.raises(DBAPIError):
            await remove(impatient, folder)
        await SheetRepository(session).add({}, folder_id=key, other_id=key)
    with pytest.raises(Conflict, match="still in use"):
        await remove(database, folder)


async def test_who_refers_to_a_row_waits_for_its_deletion(
    database: Database, impatient: Database, folder: Row
) -> None:
    async with database.writing() as session:
        await FolderRepository(session).remove(folder)
        with pytest.raises(DBAPIError):
            await refer(impatient, folder.public_id)
        waiting = asyncio.create_task(refer(database, folder.public_id))
    with pytest.raises(Invalid, match="no such folder"):
        await waiting


async def test_a_list_of_references_holds_them_too(
    database: Database, impatient: Database, folder: Row
) -> None:
    async with database.writing() as session:
        await FolderRepository(session).keys([folder.public_id], "body")
        with pytest.raises(DBAPIError):
            await remove(impatient, folder)


async def test_a_path_through_a_row_holds_it_for_a_creation_and_not_for_a_list(
    database: Database, impatient: Database, folder: Row
) -> None:
    async with database.writing() as session:
        await FolderRepository(session).reach(folder.public_id)
        with pytest.raises(DBAPIError):
            await remove(impatient, folder)
    async with database.reading() as session:
        await FolderRepository(session).reach(folder.public_id)
        await remove(impatient, folder)
        with pytest.raises(NotFound):
            await FolderRepository(session).reach(folder.public_id)


async def test_creations_that_refer_to_the_same_rows_go_side_by_side(database: Database) -> None:
    one, two = [(await make_folder(database)).public_id for _ in range(2)]
    both_hold_both = asyncio.Barrier(2)
    made = await asyncio.gather(
        refer(database, one, two, barrier=both_hold_both), refer(database, two, one, barrier=both_hold_both)
    )
    assert len({row.id for row in made}) == 2


@pytest.mark.parametrize("locks", ["login", "superuser"])
async def test_a_user_is_locked_beside_what_the_user_writes(
    locks: str, database: Database, impatient: Database, caller: Caller
) -> None:
    if database.engine.dialect.name != "postgresql":
        pytest.skip("InnoDB locks the whole row that a foreign key leads to")
    body = ProductCreate.model_validate(await product_body(database, caller))
    async with database.writing() as session:
        await ProductService(Unit(session, caller)).create(body)
        async with impatient.writing() as other:
            users = UserRepository(other)
            if locks == "login":
                checked = await users.credentials(caller.public_id)
                assert checked is not None
                assert await users.lock(checked)
            else:
                assert not await users.lock_superuser(caller.id, other=caller.id)
