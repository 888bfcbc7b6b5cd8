"""The benchmarks as a list: who is measured, against whom, and what must come out."""

from dataclasses import dataclass
from typing import Final

from registry.benchmarks.running import Subject
from registry.benchmarks.targets import Target, cpu, cpu_each, difference, peak, times


@dataclass(frozen=True, slots=True)
class Benchmark:
    """Subjects that take turns on what `generate` made, and their targets; `remarks` say what a row means."""

    name: str
    generate: str
    subjects: tuple[Subject, ...]
    targets: tuple[Target, ...]
    remarks: tuple[str, ...] = ()


_HERE: Final = "registry.benchmarks"
_ONE_IN_TEN_BILLION: Final = 1e-10

INGEST: Final = Benchmark(
    "ingest",
    f"{_HERE}.registers:generate",
    (
        Subject("virkning", f"{_HERE}.ours.ingest:checked", per="rows"),
        Subject("pandas", f"{_HERE}.peers.pandas_ingest:checked", per="rows"),
        Subject("virkning, 50,000 rows", f"{_HERE}.ours.ingest:checked_short", per="rows"),
        Subject("frictionless, 50,000 rows", f"{_HERE}.peers.frictionless_ingest:validated", per="rows"),
    ),
    (
        Target("CPU seconds for the whole file", cpu("virkning"), most=13.0, at_full_size=True),
        Target("peak memory, MB", peak("virkning"), most=512.0, at_full_size=True, form="{:.0f}"),
        Target(
            "times the CPU of ours a row: frictionless",
            times("frictionless, 50,000 rows", "virkning"),
            least=20.0,
            at_full_size=True,
        ),
        Target("times the CPU of ours: pandas", times("pandas", "virkning")),
    ),
    (
        "Danish-dialect CSV of nine columns, checked (types, required, ranges, codes, duplicates; ours and "
        "frictionless look for CPR-like values too) and stored as Parquet (by ours and pandas).",
    ),
)

EFFECTS: Final = Benchmark(
    "effects",
    f"{_HERE}.panels:generate",
    (
        Subject("virkning, from Parquet", f"{_HERE}.ours.effects:analysed"),
        Subject("pyfixest, default, in memory", f"{_HERE}.peers.pyfixest_fit:by_default"),
        Subject("virkning, GROUP BY", f"{_HERE}.ours.effects:grouped"),
        Subject("plain scan of the columns", f"{_HERE}.ours.effects:scanned"),
        Subject("virkning, four times the rows", f"{_HERE}.ours.effects:analysed_large"),
        Subject("pyfixest, tolerance 1e-13", f"{_HERE}.peers.pyfixest_fit:tight", once=True),
        Subject("all rows, obvious way", f"{_HERE}.ours.effects:fitted_in_full", once=True),
    ),
    (
        Target(
            "times the CPU of ours: pyfixest, rows in memory",
            times("pyfixest, default, in memory", "virkning, from Parquet"),
            least=10.0,
            at_full_size=True,
        ),
        Target(
            "peak memory on four times the rows, MB",
            peak("virkning, four times the rows"),
            most=256.0,
            at_full_size=True,
            form="{:.0f}",
        ),
        Target(
            "times the CPU of a plain scan: GROUP BY",
            times("virkning, GROUP BY", "plain scan of the columns"),
            most=2.5,
            at_full_size=True,
        ),
        Target(
            "relative difference from the fit of all rows",
            difference("virkning, from Parquet", "all rows, obvious way"),
            most=_ONE_IN_TEN_BILLION,
            form="{:.1e}",
        ),
        Target(
            "relative difference from pyfixest at 1e-13",
            difference("virkning, from Parquet", "pyfixest, tolerance 1e-13"),
            most=_ONE_IN_TEN_BILLION,
            form="{:.1e}",
        ),
    ),
    (
        "Two-way fixed effects, cr1s by 98 municipalities, ten periods. Ours reads the file inside the measured time, "
        "pyfixest has the rows in memory before it; differences are the larger of estimate and standard error.",
    ),
)

RESAMPLING: Final = Benchmark(
    "resampling",
    "",
    (
        Subject("virkning, bootstrap", f"{_HERE}.ours.resampling:bootstrapped", per="indicators"),
        Subject("pyfixest, wildboottest", f"{_HERE}.peers.pyfixest_resampling:bootstrapped", per="indicators"),
        Subject("virkning, starts redrawn", f"{_HERE}.ours.resampling:permuted_sequences", per="indicators"),
        Subject("virkning, arms redrawn", f"{_HERE}.ours.resampling:permuted_arms", per="indicators"),
        Subject("pyfixest, ritest of arms", f"{_HERE}.peers.pyfixest_resampling:permuted_arms", per="indicators"),
    ),
    (
        Target("CPU seconds, bootstrap of 20 indicators", cpu("virkning, bootstrap"), most=0.5, at_full_size=True),
        Target(
            "CPU seconds, stepped wedge redrawn for 20 indicators",
            cpu("virkning, starts redrawn"),
            most=0.2,
            at_full_size=True,
        ),
        Target(
            "CPU seconds, arms redrawn for 20 indicators", cpu("virkning, arms redrawn"), most=0.2, at_full_size=True
        ),
        Target(
            "times the CPU of ours an indicator: wildboottest", times("pyfixest, wildboottest", "virkning, bootstrap")
        ),
        Target(
            "times the CPU of ours an indicator: ritest", times("pyfixest, ritest of arms", "virkning, arms redrawn")
        ),
    ),
    (
        "98 municipalities by 12 months. Ours resamples twenty indicators in one call, the peers one of them; "
        "p-values of the first agree within the error of the draws and stand in the file under `answer`.",
    ),
)

PAGES: Final = Benchmark(
    "pages",
    f"{_HERE}.pilot_list:generate",
    (
        Subject("virkning serve", f"{_HERE}.ours.pages:listed", per="requests"),
        Subject("FastAPI and SQLAlchemy, bare", f"{_HERE}.peers.fastapi_pages:listed", per="requests"),
    ),
    (
        Target("CPU ms a request: ours", cpu_each("virkning serve")),
        Target(
            "times the CPU of ours: FastAPI and SQLAlchemy, bare",
            times("FastAPI and SQLAlchemy, bare", "virkning serve"),
            least=1.0,
        ),
    ),
    (
        "The list of pilots, 20 rows, one server process, one client that keeps its connection, the CPU of the server "
        "alone. Ours signs a person in by session and shows what they may see, with menu, search form and CSRF tokens; "
        "the peer renders a bare table of the same rows.",
    ),
)

BENCHMARKS: Final = {benchmark.name: benchmark for benchmark in (INGEST, EFFECTS, RESAMPLING, PAGES)}
