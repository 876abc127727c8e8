"""What a new feature can refer to and collide with: the features that the workspace has."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from mcp_server.features.naming import Names
from mcp_server.features.spec import FeatureSpec
from mcp_server.workspace.layout import LAYERED, Layout


@dataclass(frozen=True, slots=True)
class KnownFeature:
    """A feature of the workspace; `spec` is None for one that was written by hand."""

    name: str
    plural: str
    table: str
    model_class: str
    layout: Layout = LAYERED
    """Where its files are."""
    owner: str | None = None
    access: tuple[tuple[str, str], ...] = ()
    spec: FeatureSpec | None = None
    referable: bool = True
    """Whether others may refer to it: it has a repository and a factory of tests, as `user` and made features have."""

    called: Mapping[str, str] = field(default_factory=dict, hash=False)
    """What is called otherwise than the kit would call it, as `naming.Names` has it."""

    @property
    def names(self) -> Names:
        return Names.of(self.name, self.plural).under(self.called)

    @property
    def private(self) -> bool:
        """Whether its rows are only within the reach of their owner."""
        return self.spec is not None and self.owner is not None and self.spec.access_of("get") != "public"

    @classmethod
    def of(
        cls,
        spec: FeatureSpec,
        layout: Layout,
        *,
        called: Mapping[str, str] | None = None,
        referable: bool = True,
    ) -> "KnownFeature":
        called = called or {}
        names = spec.names.under(called)
        return cls(
            spec.feature,
            spec.plural,
            names.table,
            names.model_class,
            layout,
            spec.owner,
            spec.access,
            spec,
            referable,
            called,
        )


USER = KnownFeature("user", "users", "users", "User")
"""Always there: rows may belong to users, and refer to them."""


@dataclass(frozen=True, slots=True)
class Catalog:
    features: Mapping[str, KnownFeature]

    @classmethod
    def of(cls, *known: KnownFeature) -> "Catalog":
        return cls({each.name: each for each in (USER, *known)})

    def names_of(self, spec: FeatureSpec) -> Names:
        """The names of a feature, as it will be, under which its parts are known here."""
        known = self.features.get(spec.feature)
        return spec.names.under(known.called) if known else spec.names

    def without(self, feature: str) -> "Catalog":
        """The other features: what a feature that is there already is judged beside."""
        return Catalog.of(*(one for one in self.features.values() if one.name != feature))
