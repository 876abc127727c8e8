"""Imports of workspace code that can never be stale.

Python trusts a `.pyc` by whole seconds and size, so an edit within one second that keeps the size (`1` to `2`) would not
be seen. Here compiled code is trusted by the hash of its source, and kept in the scratch directory. Only code below the
workspace root is treated so; installed packages keep Python's own cache. Runs in the child only.
"""

import importlib.machinery
import importlib.util
import marshal
import sys
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from importlib.machinery import FileFinder, SourceFileLoader
from pathlib import Path
from types import CodeType

from mcp_server.workspace.files import write_atomic

_FOREIGN = frozenset({".venv", "venv", ".tools", "site-packages", "node_modules"})


def install(root: Path, cache: Path) -> None:
    """Import everything below `root` by content from now on, keeping compiled code in `cache`."""
    tag = sys.implementation.cache_tag or "code"
    store = cache / f"{tag}-{sha256(importlib.util.MAGIC_NUMBER).hexdigest()[:8]}"
    store.mkdir(parents=True, exist_ok=True)
    sys.path_hooks.insert(0, _path_hook(root, store))
    sys.path_importer_cache.clear()
    sys.dont_write_bytecode = True


def forget_listings() -> None:
    """See files that were added since the warm process looked into a directory, even within one tick of the clock."""
    for finder in list(sys.path_importer_cache.values()):
        if isinstance(finder, _FreshFinder):
            finder.invalidate_caches()


class _FreshFinder(FileFinder):
    """A finder made by this module."""


def _path_hook(root: Path, store: Path) -> Callable[[str], FileFinder]:
    def hook(entry: str) -> FileFinder:
        path = Path(entry or ".").absolute()
        if (
            not path.is_relative_to(root)
            or _FOREIGN.intersection(path.relative_to(root).parts)
            or not path.is_dir()
        ):
            raise ImportError  # this hook has no say here; the next one has

        class Loader(_FreshLoader):
            directory = store

        extensions = (importlib.machinery.ExtensionFileLoader, importlib.machinery.EXTENSION_SUFFIXES)
        return _FreshFinder(str(path), extensions, (Loader, importlib.machinery.SOURCE_SUFFIXES))

    return hook


class _FreshLoader(SourceFileLoader):
    directory: Path

    def get_code(self, fullname: str) -> CodeType:
        """The code of a module, compiled from the source as it is now."""
        path = self.get_filename(fullname)
        source = self.get_data(path)
        proof = sha256(source).digest()
        kept = self.directory / sha256(path.encode()).hexdigest()
        with suppress(OSError, ValueError, EOFError, TypeError):
            data = kept.read_bytes()
            if data.startswith(proof):
                code = marshal.loads(data[len(proof) :])  # noqa: S302  # written below, in our own scratch directory
                if isinstance(code, CodeType):
                    return code
        compiled: CodeType = self.source_to_code(source, path)
        with suppress(OSError):
            write_atomic(kept, proof + marshal.dumps(compiled), durable=False)
        return compiled
