"""Which tests depend on a change: a graph of imports read from source.

Discovery is invisible to it (routers and models are found at run time), so a test module also depends on the service
modules that carry its name: `test_products.py` on every `products.py`. Where the graph cannot tell, everything runs.
"""

import ast
from collections import defaultdict
from collections.abc import Collection, Iterator

from mcp_server.workspace.layout import module_of
from mcp_server.workspace.syntax import parse
from mcp_server.workspace.workspace import Workspace


def affected_tests(workspace: Workspace, changed: Collection[str], folder: str) -> tuple[str, ...]:
    """Return the test files below `folder` that depend on `changed`, or `(folder,)` when it may be any of them."""
    tests = list(workspace.files(f"{folder}/**/test_*.py"))
    sources = [
        *workspace.files("app/**/*.py", *workspace.layout.source_globs),
        *workspace.files(f"{folder}/**/*.py"),
        *workspace.files("tests/*.py"),
    ]
    if any(path not in sources for path in changed):
        return (folder,)  # deleted, or not a module: configuration, a migration, a template
    importers = _importers(workspace, sources)
    reached: set[str] = set()
    waiting = list(changed)
    while waiting:
        path = waiting.pop()
        if path not in reached:
            reached.add(path)
            waiting += importers[path]
    if any(path.endswith("conftest.py") for path in reached):
        return (folder,)
    found = tuple(path for path in tests if path in reached)
    return found or (folder,)


def _importers(workspace: Workspace, sources: Collection[str]) -> defaultdict[str, set[str]]:
    """Map each file to the files that import it."""
    files = {module_of(path): path for path in sources}
    by_stem = defaultdict(set)
    for path in sources:
        if path.startswith("app/"):
            by_stem[path.rpartition("/")[2]].add(path)
    importers: defaultdict[str, set[str]] = defaultdict(set)
    for path in sources:
        for module in _imported(workspace.text(path)):
            if module in files:
                importers[files[module]].add(path)
        name = path.rpartition("/")[2]
        if name.startswith("test_"):
            for target in by_stem[name.removeprefix("test_")]:
                importers[target].add(path)
    return importers


def _imported(source: str) -> Iterator[str]:
    """Yield every module name that a source may import; a name imported from a package may be a module itself."""
    try:
        tree = parse(source)
    except SyntaxError:
        return
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_packages(alias.name)
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            yield from _with_packages(node.module)
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _with_packages(module: str) -> Iterator[str]:
    """Yield a module and the packages around it: importing it runs their `__init__` too."""
    while module:
        yield module
        module = module.rpartition(".")[0]
