"""Steps that change a schema. `features` produces them, `migrations` writes and judges them."""

from dataclasses import dataclass

from mcp_server.schema.table import Table


@dataclass(frozen=True, slots=True)
class CreateTable:
    table: Table


@dataclass(frozen=True, slots=True)
class DropTable:
    """Carries the whole table, so that the step can be reversed."""

    table: Table


SchemaOperation = CreateTable | DropTable
