"""The report for people: a live table while the gates run, then the table and the failing lines.

Where the output is no terminal, one plain line per finished gate instead of the live table.
"""

import time
from collections.abc import Iterable
from types import TracebackType

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from mcp_server.gates.result import Event, GateResult, Report

_MARKS = {
    "passed": ("✓", "green"),
    "failed": ("✗", "red"),
    "error": ("!", "bold red"),
    "not_run": ("-", "yellow"),
}
_SHOWN_PER_GATE = 12


class LiveTable:
    """Shows a run as it happens: `with LiveTable(console) as live: await run_gates(..., on_event=live)`."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._running: dict[str, float] = {}
        self._done: dict[str, GateResult] = {}
        self._total = 0
        # Twelve frames a second, drawn in rich's own thread, so that the clock moves while every gate is busy.
        self._live = Live(console=console, get_renderable=self._table, refresh_per_second=12, transient=True)

    def __enter__(self) -> "LiveTable":
        if self._console.is_terminal:
            self._live.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._console.is_terminal:
            self._live.stop()

    def __call__(self, event: Event) -> None:
        """Take one event of the run."""
        self._total = event.total
        if event.result is None:
            self._running[event.gate] = time.monotonic()
            return
        self._running.pop(event.gate, None)
        self._done[event.gate] = event.result
        if not self._console.is_terminal:
            mark, _ = _MARKS[event.result.status]
            text = f"[{event.done}/{event.total}] {mark} {_plain(event.result)}"
            self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    def _table(self) -> RenderableType:
        table = _empty_table()
        for result in list(self._done.values()):
            _add(table, result)
        now = time.monotonic()
        for gate, since in list(self._running.items()):
            table.add_row(
                Text("…", style="cyan"), gate, f"{now - since:.1f} s", Text("running", style="cyan")
            )
        left = self._total - len(self._done) - len(self._running)
        return Group(table, Text(f"{left} waiting", style="dim")) if left else table


def show(report: Report, console: Console) -> None:
    """Print the table, what failed and the verdict."""
    table = _empty_table()
    for result in report.results:
        _add(table, result)
    console.print(table)
    for result in report.results:
        if result.status in {"failed", "error"}:
            console.print()
            console.print(Text(f"{result.gate}: {result.summary}", style="bold red"), soft_wrap=True)
            for line in failing_lines(result):
                console.print(line, markup=True, highlight=False, soft_wrap=True)
    console.print()
    console.print(_verdict(report), highlight=False, soft_wrap=True)


def failing_lines(result: GateResult) -> Iterable[str]:
    """Yield the findings of one gate as lines with markup, the first dozen of them."""
    for finding in result.findings[:_SHOWN_PER_GATE]:
        place = f"{finding.file}:{finding.line}" if finding.line else finding.file
        yield f"  [bold]{escape(place)}[/bold] {escape(finding.rule)}  {escape(finding.message)}"
        if finding.fix:
            yield f"      [dim]fix:[/dim] {escape(finding.fix)}"
    left = len(result.findings) - _SHOWN_PER_GATE
    if left > 0:
        yield f"  {left} more"
    if result.log:
        yield f"  [dim]full output: {escape(result.log)}[/dim]"


def _empty_table() -> Table:
    table = Table(box=None, pad_edge=False, show_header=False)
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold")
    return table


def _add(table: Table, result: GateResult) -> None:
    mark, style = _MARKS[result.status]
    seconds = "cached" if result.cached else f"{result.seconds:.1f} s"
    table.add_row(Text(mark, style=style), result.gate, Text(seconds, style="dim"), Text(result.summary))


def _plain(result: GateResult) -> str:
    return f"{result.gate} {'cached' if result.cached else f'{result.seconds:.1f} s'}: {result.summary}"


def _verdict(report: Report) -> str:
    names = {"passed": "passed", "failed": "failed", "error": "could not run", "not_run": "not run"}
    counts = ", ".join(f"{number} {names[status]}" for status, number in sorted(report.counts.items()))
    color = "green" if report.passed else "red"
    cached = sum(result.cached for result in report.results)
    text = f"[bold {color}]{report.verdict.replace('_', ' ')}[/bold {color}]: {counts or 'no gate'} in {report.seconds:.1f} s"
    if cached:
        text += f" ({cached} from the cache)"
    if report.edited:
        text += "\n[yellow]Files changed while the gates ran: run them again.[/yellow]"
    return text
