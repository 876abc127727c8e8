"""One run: all servers up, rounds interleaved, then what only the service has to stand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.app import traffic
from benchmarks.app.figures import Figures, medians, of_round, percentile
from benchmarks.app.load import Generator, Group
from benchmarks.app.options import CLIENTS, MANY_CLIENTS, Options
from benchmarks.app.refusals import refusals_ratio
from benchmarks.app.registrations import Registrations, register_all
from benchmarks.app.server import Server, server_cpu, serving
from benchmarks.app.world import SECRET, World, forget_writes

LOGINS = 4
FLOOR, APP, UNCACHED = "floor", "app", "uncached"
"""The service is measured twice: as it comes, keeping a caller for some seconds, and reading the caller from the database
on each request, as the floor does. Ratios compare equal work: the floor and the service that caches nobody."""


@dataclass
class Measured:
    """`figures[kind][server]` at 16 clients (login: 4); `crowded[kind]` is the service as it comes, at 64."""

    figures: dict[str, dict[str, Figures]] = field(default_factory=dict)
    crowded: dict[str, Figures] = field(default_factory=dict)
    get_beside_logins_p50: float = 0.0
    unknown_to_wrong: float = 0.0
    """How long a login with an unknown address takes, as a share of one with a wrong password."""
    registrations: Registrations | None = None


@dataclass(frozen=True)
class Kind:
    """A kind of request that both servers answer."""

    label: str
    requests: tuple[bytes, ...]
    expected: int = 200
    hashes: bool = False
    """Costs a password hash, which is the same everywhere: a few clients, and no targets."""

    def group(self, clients: int) -> Group:
        return Group(self.label, clients, self.requests, self.expected)


def kinds(world: World) -> list[Kind]:
    return [
        Kind("get", tuple(traffic.get(world))),
        Kind("list 20", tuple(traffic.lists(world, 20))),
        Kind("list 100", tuple(traffic.lists(world, 100))),
        Kind("create", tuple(traffic.create(world)), expected=201),
        Kind("login", tuple(traffic.login(world)), hashes=True),
    ]


def environment(world: World, extras: Path | None) -> dict[str, dict[str, str]]:
    """The service runs as in production; only its rate limits are off, which would end the measurement."""
    common = {"SECRET_KEY": SECRET}
    floor = {**common, "BENCHMARK_DSN": world.dsn, "PYTHONPATH": str(extras or "")}
    service = {
        **common,
        "ENVIRONMENT": "production",
        "DATABASE_URL": world.url.render_as_string(hide_password=False),
        "CORS_ORIGINS": '["https://app.example.org"]',
        "RATE_LIMIT_ENABLED": "false",
    }
    return {FLOOR: floor, APP: service, UNCACHED: {**service, "CALLER_CACHE_SECONDS": "0"}}


async def measure(
    world: World, options: Options, extras: Path | None, folder: Path, tell: Callable[[str], None]
) -> Measured:
    """Raises ValueError for a wrong answer, ServerFailed for a server that died."""
    settings = environment(world, extras)
    generator = Generator(server_cpu())
    try:
        async with (
            serving(FLOOR, "benchmarks.app.floor:create_app", settings[FLOOR], folder) as floor,
            serving(APP, "app.main:create_app", settings[APP], folder) as service,
            serving(UNCACHED, "app.main:create_app", settings[UNCACHED], folder) as uncached,
        ):
            run = _Run(world, options, generator, tell)
            return await run.everything(floor, service, uncached)
    finally:
        generator.close()


class _Run:
    def __init__(
        self, world: World, options: Options, generator: Generator, tell: Callable[[str], None]
    ) -> None:
        self._world = world
        self._options = options
        self._generator = generator
        self._tell = tell

    async def everything(self, floor: Server, service: Server, uncached: Server) -> Measured:
        measured = Measured()
        self._tell("the same answers from both")
        await self._compare(floor, service)
        every = kinds(self._world)
        servers = (floor, service, uncached)
        for server in servers:  # first requests fill caches; they belong to no round
            for kind in every:
                await self._one(server, kind.group(2), 1.0)
        rounds: dict[str, dict[str, list[Figures]]] = {kind.label: {} for kind in every}
        crowded: dict[str, list[Figures]] = {kind.label: [] for kind in every if not kind.hashes}
        for number in range(self._options.rounds):
            self._tell(f"round {number + 1} of {self._options.rounds}")
            order = servers if number % 2 == 0 else servers[::-1]
            for kind in every:
                for server in order:
                    found = await self._one(
                        server, kind.group(LOGINS if kind.hashes else CLIENTS), self._options.seconds
                    )
                    rounds[kind.label].setdefault(server.name, []).append(found)
            for kind in every:
                if not kind.hashes:
                    found = await self._one(service, kind.group(MANY_CLIENTS), self._options.seconds)
                    crowded[kind.label].append(found)
            await forget_writes(self._world)
        measured.figures = {
            label: {name: medians(each) for name, each in by_server.items()}
            for label, by_server in rounds.items()
        }
        measured.crowded = {label: medians(each) for label, each in crowded.items()}
        self._tell(f"get beside {LOGINS} logins")
        measured.get_beside_logins_p50 = await self._beside_logins(service, every[0], every[-1])
        self._tell("logins refused for an unknown address and for a wrong password")
        measured.unknown_to_wrong = await refusals_ratio(service, self._world)
        self._tell(f"{self._options.people} people register at once")
        measured.registrations = await register_all(service, self._world, self._options.people)
        return measured

    async def _one(self, server: Server, group: Group, seconds: float) -> Figures:
        before = await server.cpu_seconds()
        outcomes = await self._generator.drive(server.port, (group,), seconds)
        used = await server.cpu_seconds() - before
        try:
            return of_round(outcomes[group.label], seconds, used)
        except ValueError as error:
            raise ValueError(f"{group.label} on {server.name}: {error}\n{server.last_lines()}") from error

    async def _beside_logins(self, server: Server, get: Kind, login: Kind) -> float:
        groups = (get.group(1), login.group(LOGINS))
        outcomes = await self._generator.drive(server.port, groups, self._options.seconds * 2)
        for group in groups:
            if outcomes[group.label].unexpected:
                raise ValueError(f"{group.label} beside: {outcomes[group.label].unexpected}")
        return percentile(outcomes[get.label].latencies, 0.5)

    async def _compare(self, floor: Server, service: Server) -> None:
        samples: Sequence[bytes] = [
            *traffic.get(self._world)[:5],
            *traffic.lists(self._world, 20)[:2],
            *traffic.lists(self._world, 100)[:2],
        ]
        for sample in samples:
            wanted, given = await traffic.body(floor.port, sample), await traffic.body(service.port, sample)
            if wanted != given:
                raise ValueError(f"not the same JSON:\nfloor {wanted[:600]!r}\napp   {given[:600]!r}")
