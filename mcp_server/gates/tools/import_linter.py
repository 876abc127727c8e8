"""What import-linter prints, as findings: one per forbidden import, at the line that starts the chain."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

from mcp_server.gates.gate import Finding

_LINK = re.compile(
    r"^(?P<bullet>[- ]) +(?P<also>& )?(?P<importer>[\w.]+)(?: -> (?P<imported>[\w.]+))? \(l\.(?P<line>\d+|\?)[^)]*\)$"
)
_VERDICT = re.compile(r"^Contracts: (?P<kept>\d+) kept, (?P<broken>\d+) broken\.$", re.MULTILINE)
_BROKEN = "Broken contracts"


@dataclass(slots=True)
class _Chain:
    """One way in which a contract is broken: several modules may enter it, and it ends in one forbidden module."""

    contract: str
    sentence: str
    heads: list[tuple[str, int]] = field(default_factory=list)
    path: list[str] = field(default_factory=list)

    def add(self, link: re.Match[str]) -> None:
        line = 0 if link["line"] == "?" else int(link["line"])
        if not self.path:
            self.heads.append((link["importer"], line))
        if link["imported"]:
            self.path.append(link["imported"])


def verdict(output: str) -> tuple[int, int] | None:
    """Return how many contracts were kept and how many broken, None when the tool came to no verdict."""
    match = _VERDICT.search(output)
    return (int(match["kept"]), int(match["broken"])) if match else None


def parse(output: str, files: Mapping[str, str], guidance: Mapping[str, str]) -> tuple[Finding, ...]:
    """Read the report of broken contracts.

    `files` maps module names to paths; `guidance` maps the name of each contract to what to do instead.
    """
    _, _, broken = output.partition(_BROKEN)
    findings: dict[tuple[str, int, str], Finding] = {}
    for chain in _chains(broken.splitlines(), guidance):
        for importer, line in chain.heads:
            path = files.get(importer, importer.replace(".", "/") + ".py")
            message = f"{importer} imports {' -> '.join(chain.path)}"
            finding = Finding(path, line, chain.contract, message, chain.sentence, guidance[chain.contract])
            findings.setdefault((path, line, chain.contract), finding)
    return tuple(findings.values())


def _chains(lines: list[str], contracts: Collection[str]) -> Iterator[_Chain]:
    contract, sentence = "", ""
    chain: _Chain | None = None
    for line in lines:
        link = _LINK.match(line)
        if link and (link["bullet"] == "-" or chain):
            if link["bullet"] == "-":
                if chain:
                    yield chain
                chain = _Chain(contract, sentence)
            if chain:
                chain.add(link)
        elif line in contracts:
            if chain:
                yield chain
            contract, sentence, chain = line, "", None
        elif line.endswith(":") and " import" in line:
            sentence = line.rstrip(":")
    if chain:
        yield chain
