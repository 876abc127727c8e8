"""From a spec to the source of its files. Returns text; whoever called formats it and decides what to do with it."""

from collections.abc import Callable
from functools import cache
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from mcp_server.features import code
from mcp_server.features.catalog import USER, Catalog
from mcp_server.features.imports import with_imports
from mcp_server.features.make_view import view_of, workspace_names
from mcp_server.features.naming import Names, class_name
from mcp_server.features.shared_enums import declaring
from mcp_server.features.spec import FeatureSpec
from mcp_server.features.view import FeatureView
from mcp_server.workspace.layout import Artefact, Layout

DOCSTRINGS: dict[Artefact, Callable[[FeatureView], str]] = {
    "model": lambda f: f"The table behind /{f.names.path}.",
    "schemas": lambda f: f"What goes in and out of /{f.names.path}.",
    "repository": lambda f: f"The rows of {f.names.plural_title}.",
    "service": lambda f: f"The business rules of {f.names.plural_title}.",
    "endpoints": lambda f: f"HTTP for {f.names.plural_title}: parse, call the service, return.",
    "factory": lambda f: f"{f.names.plural_title.capitalize()} for tests.",
    "tests": lambda f: f"Tests of /{f.names.path}.",
}


def generate(spec: FeatureSpec, catalog: Catalog, layout: Layout) -> dict[str, str]:
    """Path to source of every file of a feature. The spec must be valid in this catalog."""
    view = view_of(spec, catalog)
    modules = {artefact: layout.module(artefact, view.names) for artefact in DOCSTRINGS}
    names = _workspace_names(view, catalog, modules)
    files = {}
    for artefact, docstring in DOCSTRINGS.items():
        body = _template(artefact).render(f=view, literal=code.literal).strip() + "\n"
        for_tests = artefact in {"factory", "tests"}
        text = with_imports(f'"""{docstring(view)}"""', body, names, for_tests=for_tests)
        files[layout.path(artefact, view.names)] = text
    return files | dict.fromkeys(_own_packages(layout, view.names), "")


def _own_packages(layout: Layout, names: Names) -> list[str]:
    """Markers of the packages that hold this feature and no other."""
    shared = layout.packages(Names.of("another", "others"))
    return [marker for marker in layout.packages(names) if marker not in shared]


def _workspace_names(view: FeatureView, catalog: Catalog, modules: dict[Artefact, str]) -> dict[str, str]:
    names = workspace_names(view, {str(key): value for key, value in modules.items()})
    for target in view.targets:
        layout = catalog.features[target.names.feature].layout
        names[target.model_class] = layout.module("model", target.names)
        names[target.repository_class] = layout.module("repository", target.names)
        names[f"make_{target.names.feature}"] = layout.module("factory", target.names)
    for enum, feature in declaring(view.spec, catalog).items():
        if feature.feature != view.spec.feature:
            names[class_name(enum)] = catalog.features[feature.feature].layout.module("model", feature.names)
    if view.owned:
        names["User"] = USER.layout.module("model", Names.of(USER.name, USER.plural))
    return names


@cache
def _template(artefact: Artefact) -> Template:
    return _environment().get_template(f"{artefact}.py.j2")


@cache
def _environment() -> Environment:
    options: dict[str, Any] = {"trim_blocks": True, "lstrip_blocks": True, "keep_trailing_newline": True}
    return Environment(  # noqa: S701 -- the output is Python; text from specs only enters as literals
        loader=PackageLoader("mcp_server.features"), undefined=StrictUndefined, **options
    )
