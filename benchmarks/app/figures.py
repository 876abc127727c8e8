"""From what was met in rounds to the figures of a table: medians over rounds, never over servers."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.app.load import Outcome


@dataclass(frozen=True)
class Figures:
    """One kind of request on one server. Latencies and CPU in milliseconds."""

    rate: float
    p50: float
    p95: float
    p99: float
    cpu: float


def percentile(latencies: Sequence[float], share: float) -> float:
    """The latency in milliseconds within which `share` of the requests were answered."""
    ordered = sorted(latencies)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1000


def of_round(outcome: Outcome, seconds: float, cpu_seconds: float) -> Figures:
    """Raises ValueError when anything was answered otherwise than expected, or nothing at all."""
    if outcome.unexpected or not outcome.latencies:
        raise ValueError(f"bad answers: {dict(outcome.unexpected) or 'none at all'}")
    return Figures(
        rate=len(outcome.latencies) / seconds,
        p50=percentile(outcome.latencies, 0.50),
        p95=percentile(outcome.latencies, 0.95),
        p99=percentile(outcome.latencies, 0.99),
        cpu=cpu_seconds * 1000 / outcome.answered,
    )


def medians(rounds: Sequence[Figures]) -> Figures:
    return Figures(
        rate=median(each.rate for each in rounds),
        p50=median(each.p50 for each in rounds),
        p95=median(each.p95 for each in rounds),
        p99=median(each.p99 for each in rounds),
        cpu=median(each.cpu for each in rounds),
    )
