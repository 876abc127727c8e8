"""All rules, collected from the modules in `checkers/`: a new rule needs no entry anywhere."""

from collections.abc import Iterator
from importlib import import_module
from pkgutil import iter_modules

from mcp_server.architecture import checkers
from mcp_server.architecture.rule import Rule


def _collect() -> Iterator[Rule]:
    for module in iter_modules(checkers.__path__):
        members = vars(import_module(f"{checkers.__name__}.{module.name}")).values()
        yield from (member for member in members if isinstance(member, Rule))


RULES: tuple[Rule, ...] = tuple(sorted(_collect(), key=lambda item: item.id))
_BY_ID = {item.id: item for item in RULES}


def rule(rule_id: str) -> Rule:
    """The rule with this id; KeyError if there is none."""
    return _BY_ID[rule_id]
