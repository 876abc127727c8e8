"""A feature as people write it: with names, types and tests of their own, and its schemas in a file for more than one thing."""

from typing import Final

FILES: Final = {
    "app/models/machine.py": '''"""Machines on the shop floor."""

import datetime as dt
from decimal import Decimal

from sqlalchemy import Date, Index, Numeric, String
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base


class MachineModel(Base):
    __tablename__ = "machines"
    __table_args__ = (
        Index("ix_machines_created_at", "created_at", "id"),
        Index("ix_machines_name", "name", "id"),
    )

    name: Mapped[str] = mapped_column(String(80))
    serial: Mapped[str] = mapped_column(String(30), unique=True)
    power: Mapped[Decimal | None] = mapped_column(Numeric(8, 2))
    bought_on: Mapped[dt.date | None] = mapped_column(Date)
''',
    "app/schemas/shop.py": '''"""What the shop floor sends and gets."""

import datetime as dt
from decimal import Decimal
from typing import Annotated, Generic, Literal, TypeVar

from pydantic import Field

from app.schemas.base import ListQuery, PageRead, ReadSchema, Schema, unset
from app.schemas.fields import CalendarDate, PlainUUID, scaled


ThingT = TypeVar("ThingT")


class Envelope(ReadSchema, Generic[ThingT]):
    """One thing, wrapped."""

    data: ThingT


class ShopHours(ReadSchema):
    """When somebody is there."""

    opens: dt.time
    closes: dt.time


class MachineIn(Schema):
    """A new machine."""

    name: str = Field(min_length=2, max_length=80)
    serial: str = Field(max_length=30)
    power: Annotated[Decimal, scaled(8, 2)] | None = None
    bought_on: CalendarDate | None = None


class MachinePatch(Schema):
    """What may change later; the serial number is for good."""

    name: str = Field(min_length=2, max_length=80, default_factory=lambda: None)  # type: ignore[assignment]
    power: Annotated[Decimal, scaled(8, 2)] | None = unset()


class MachineOut(ReadSchema):
    """A machine."""

    public_id: PlainUUID
    name: str
    serial: str
    power: Decimal | None
    bought_on: dt.date | None
    created_at: dt.datetime
    updated_at: dt.datetime


class MachineList(PageRead):
    """Some machines."""

    items: list[MachineOut]


class MachineSearch(ListQuery):
    """How machines are looked for."""

    sort: Literal["created_at", "-created_at", "name", "-name"] = "-created_at"
    search: Annotated[str, Field(min_length=1, max_length=200)] = unset()
''',
    "app/repositories/machine.py": '''"""Where machines are kept."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from app.models.machine import MachineModel
from app.repositories.base import Repository
from app.repositories.conditions import contains


@dataclass(slots=True)
class MachineRow:
    id: int
    public_id: UUID
    name: str
    serial: str
    power: Decimal | None
    bought_on: dt.date | None
    created_at: dt.datetime
    updated_at: dt.datetime


class Machines(Repository[MachineRow]):
    title = "machine"
    model = MachineModel
    record = MachineRow
    columns = (
        MachineModel.id,
        MachineModel.public_id,
        MachineModel.name,
        MachineModel.serial,
        MachineModel.power,
        MachineModel.bought_on,
        MachineModel.created_at,
        MachineModel.updated_at,
    )
    sorts = {"created_at": MachineModel.created_at, "name": MachineModel.name}
    filters = {"search": contains("search", MachineModel.name)}
''',
    "app/services/machine.py": '''"""What can be done with machines."""

from uuid import UUID

import structlog
from sqlalchemy.ext.asyncio import AsyncSession
from structlog.typing import FilteringBoundLogger

from app.core.context import Unit
from app.repositories.base import Page
from app.repositories.machine import MachineRow, Machines
from app.schemas.shop import MachineIn, MachinePatch, MachineSearch

log: FilteringBoundLogger = structlog.get_logger()


class MachineManager:
    def __init__(self, unit: Unit[AsyncSession]) -> None:
        self.unit = unit
        self.repository = Machines(unit.session)

    async def search(self, query: MachineSearch) -> Page[MachineRow]:
        return await self.repository.page(query)

    async def one(self, public_id: UUID) -> MachineRow:
        return await self.repository.get(public_id)

    async def register(self, new: MachineIn) -> MachineRow:
        machine = await self.repository.add(new.model_dump())
        log.info("machine.registered", id=machine.id, public_id=str(machine.public_id))
        return machine

    async def modify(self, public_id: UUID, changes: MachinePatch) -> MachineRow:
        machine = await self.repository.get(public_id)
        machine = await self.repository.change(machine, changes.model_dump(exclude_unset=True))
        log.info("machine.modified", id=machine.id, public_id=str(machine.public_id))
        return machine

    async def scrap(self, public_id: UUID) -> None:
        machine = await self.repository.get(public_id)
        await self.repository.remove(machine)
        log.info("machine.scrapped", id=machine.id, public_id=str(machine.public_id))
''',
    "app/api/v1/machines.py": '''"""Machines over HTTP."""

from typing import Annotated
from uuid import UUID

from fastapi import Query, Request, Response

from app.api.deps import Reading, Writing
from app.api.errors import responses
from app.api.routing import APIRouter
from app.repositories.base import Page
from app.repositories.machine import MachineRow
from app.schemas.shop import Envelope, MachineIn, MachineList, MachineOut, MachinePatch, MachineSearch
from app.services.machine import MachineManager

router = APIRouter(prefix="/machines", tags=["machines"])


@router.get("", response_model=MachineList, responses=responses(401, 422))
async def search_machines(unit: Reading, query: Annotated[MachineSearch, Query()]) -> Page[MachineRow]:
    """Look for machines."""
    return await MachineManager(unit).search(query)


@router.post("", status_code=201, response_model=Envelope[MachineOut], responses=responses(401, 409, 422))
async def register_machine(
    unit: Writing, body: MachineIn, request: Request, response: Response
) -> dict[str, MachineRow]:
    """Register a machine."""
    machine = await MachineManager(unit).register(body)
    response.headers["Location"] = f"{request.scope['path']}/{machine.public_id}"
    return {"data": machine}


@router.get("/{machine_id}", response_model=Envelope[MachineOut], responses=responses(401, 404, 422))
async def show_machine(unit: Reading, machine_id: UUID) -> dict[str, MachineRow]:
    """Show a machine."""
    return {"data": await MachineManager(unit).one(machine_id)}


@router.patch("/{machine_id}", response_model=Envelope[MachineOut], responses=responses(401, 404, 409, 422))
async def modify_machine(unit: Writing, machine_id: UUID, body: MachinePatch) -> dict[str, MachineRow]:
    """Change some of a machine."""
    return {"data": await MachineManager(unit).modify(machine_id, body)}


@router.delete("/{machine_id}", status_code=204, responses=responses(401, 404, 409, 422))
async def scrap_machine(unit: Writing, machine_id: UUID) -> None:
    """Scrap a machine."""
    await MachineManager(unit).scrap(machine_id)
''',
    "tests/app/factories/machine.py": '''"""Machines for tests."""

from typing import Any

from app.core.context import Caller, Unit
from app.core.database import Database
from app.repositories.machine import MachineRow
from app.schemas.shop import MachineIn
from app.services.machine import MachineManager
from tests.app.factories import numbers


async def machine_body(database: Database, caller: Caller, /, **values: Any) -> dict[str, Any]:
    return {"name": "Lathe", "serial": f"SN-{next(numbers)}", "power": "7.50", **values}


async def make_machine(database: Database, caller: Caller, /, **values: Any) -> MachineRow:
    body = MachineIn.model_validate(await machine_body(database, caller, **values))
    async with database.writing() as session:
        return await MachineManager(Unit(session, caller)).register(body)
''',
}
