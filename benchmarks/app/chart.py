"""The run as a picture: requests per second and CPU per request, floor and service side by side."""

import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.app.measure import APP, FLOOR, UNCACHED, Measured
from benchmarks.app.options import CLIENTS
from benchmarks.app.report import ratio

COLOURS = {FLOOR: "#9aa5b1", UNCACHED: "#66a8b5", APP: "#0b7285"}


def draw(measured: Measured, folder: Path, extras: Path | None) -> str:
    """Write app.png into `folder`; says where it is, or why there is none."""
    if extras is None:
        return "no chart: matplotlib was not to be had"
    sys.path.append(str(extras))
    matplotlib: Any = import_module("matplotlib")
    matplotlib.use("Agg")
    pyplot: Any = import_module("matplotlib.pyplot")
    labels = [label for label in measured.figures if label != "login"]  # a hash would flatten all others
    figure, (rates, latencies, cpu) = pyplot.subplots(1, 3, figsize=(13, 4.2), layout="constrained")
    for offset, name in ((-0.27, FLOOR), (0.0, UNCACHED), (0.27, APP)):
        places = [index + offset for index in range(len(labels))]
        servers = [measured.figures[label][name] for label in labels]
        style = {"width": 0.25, "color": COLOURS[name], "label": name}
        bars = rates.bar(places, [each.rate for each in servers], **style)
        if name != FLOOR:
            rates.bar_label(bars, [f"{ratio(measured, label, name):.2f}" for label in labels], padding=2)
        latencies.bar(places, [each.p50 for each in servers], **style)
        tails = [[0.0] * len(servers), [each.p99 - each.p50 for each in servers]]
        latencies.errorbar(
            places, [each.p50 for each in servers], tails, fmt="none", ecolor="#343a40", capsize=3
        )
        cpu.bar(places, [each.cpu for each in servers], **style)
    for axes, title in (
        (rates, "requests per second (share of the floor)"),
        (latencies, f"latency at {CLIENTS} clients, ms: p50, whisker to p99"),
        (cpu, "CPU per request, ms"),
    ):
        axes.set_title(title, fontsize=10)
        axes.set_xticks(range(len(labels)), labels)
        axes.spines[["top", "right"]].set_visible(False)
    rates.legend(frameon=False)
    figure.suptitle("The service beside a hand-written Starlette + asyncpg floor", fontsize=12)
    path = folder / "app.png"
    figure.savefig(path, dpi=110)
    return f"chart: {path}"
