"""`scaffold_feature`: from a spec to a feature's files and migration, as one change set."""

from typing import Any

from pydantic import Field

from mcp_server.operations.change_result import ChangeResult
from mcp_server.operations.context import Context
from mcp_server.operations.operation import Operation
from mcp_server.operations.result import Request


class ScaffoldRequest(Request):
    feature: str | None = Field(None, description="Singular: order_item")
    fields: list[str] | None = Field(
        None,
        description=(
            "One each: 'name:string(2..100) index', 'price:decimal(12,2) >=0', 'note:text?' (nullable), "
            "'status:enum(draft,live)=draft', 'category:ref(category)? on_delete=set_null'. Types: string text int bigint "
            "float decimal bool date datetime time uuid email url json bytes enum list(type) ref one many"
        ),
    )
    owner: str | None = Field(None, description="'user': rows belong to the caller")
    unique: list[list[str]] | None = Field(None, description="[['owner','name']]")
    indexes: list[list[str]] | None = Field(None, description="[['status','-created_at']]")
    search: list[str] | None = Field(None, description="Text fields for ?search=")
    filters: list[str] | None = None
    sort: list[str] | None = None
    operations: list[str] | None = Field(
        None, description="Of: list get create replace update delete bulk_create"
    )
    access: dict[str, str] | None = Field(None, description="{'list':'public'}; or superuser, authenticated")
    enums: dict[str, list[str]] | None = Field(None, description="{'mood':['good']} for enum(@mood)")
    pagination: str | None = Field(None, description="cursor or offset")
    soft_delete: bool | None = None
    plural: str | None = None
    description: str | None = None
    spec: dict[str, Any] | str | None = Field(None, description="Or the whole spec, YAML or object")
    dry_run: bool = Field(False, description="Only show the diff")

    def document(self) -> dict[str, Any]:
        """The arguments as a spec document, without those that were not given."""
        return self.model_dump(exclude={"spec", "dry_run"}, exclude_none=True)


async def _run(context: Context, request: ScaffoldRequest) -> ChangeResult:
    from mcp_server.operations.scaffolding import scaffold

    return await scaffold(context.workspace, request)


scaffold_feature = Operation(
    name="scaffold_feature",
    title="Create a feature",
    description=(
        "Creates a REST feature from a spec: model, schemas, repository, service, endpoints, tests, migration; all files or "
        "none, even in a crash. All problems of the spec at once. Never overwrites."
    ),
    request=ScaffoldRequest,
    result=ChangeResult,
    run=_run,
    idempotent=True,
)
