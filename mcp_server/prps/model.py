"""The front matter of a PRP: one feature's requirements, context and tasks, as data. Unknown keys are refused."""

from hashlib import sha256
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

Text = Annotated[str, Field(min_length=1, max_length=1000)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]


def _inside(path: str) -> str:
    if path.startswith("/") or ".." in path or "\\" in path:
        raise ValueError("a path is relative to the root, with slashes, and never climbs")
    return path


Path = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_inside)]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ContextFile(_Part):
    """A file that the author read, as it was: `sha256` is the beginning (12 digits) of its hash."""

    path: Path
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{12}$")]
    why: Text


class Requirement(_Part):
    """One thing that must hold; `tests` (path::function) prove it."""

    id: Annotated[str, Field(pattern=r"^R\d{1,3}$")]
    must: Text
    scenario: Text
    tests: list[Annotated[str, Field(pattern=r"^[^:]+\.py::\w+(::\w+)*$")]] = []


class Route(_Part):
    """One route that the feature brings."""

    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
    path: Annotated[str, Field(pattern=r"^/")]
    status: Annotated[int, Field(ge=200, le=299)]


class Task(_Part):
    """One step for one agent. `phase`: 1 database, 2 backend, 3 testing, 4 integration."""

    id: Annotated[str, Field(pattern=r"^T\d{1,3}$")]
    title: Text
    phase: Annotated[int, Field(ge=1, le=4)]
    owner: Name
    creates: list[Path] = []
    modifies: list[Path] = []
    depends_on: list[str] = []
    satisfies: list[str] = []
    gates: list[Name] = []


class FrontMatter(_Part):
    """What stands between the first two `---`. `base_commit` is what the author built the PRP on."""

    id: Name
    title: Text
    priority: Literal["high", "medium", "low"]
    estimate: Annotated[str, Field(pattern=r"^\d+(m|h|d)$")]
    status: Literal["draft", "ready"]
    base_commit: Annotated[str, Field(pattern=r"^[0-9a-f]{7,40}$")] | None = None
    touches: list[Path] = Field(min_length=1)
    forbidden: list[Path] = []
    context: list[ContextFile] = []
    requirements: list[Requirement] = Field(min_length=1)
    spec: dict[str, Any] | None = None
    api: list[Route] = []
    migrations: list[Text] = []
    tasks: list[Task] = Field(min_length=1)
    gates: list[Name] = Field(min_length=1)

    @model_validator(mode="after")
    def _ready_has_a_base(self) -> "FrontMatter":
        if self.status == "ready" and self.base_commit is None:
            raise ValueError("a ready PRP names the base_commit that it was written for")
        return self


def fingerprint(content: bytes) -> str:
    """How a context file's content is recorded."""
    return sha256(content).hexdigest()[:12]
