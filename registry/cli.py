"""The command line, `virkning`. Each command imports its body when it is called, so that none pays for another."""

import argparse
import os
import sys
import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import NoReturn, cast

from registry.kit.errors import RegistryError
from registry.kit.spreading import spreading_over
from registry.settings import Settings, SettingsError, scheduler_of

MISUSED = 2
"""The call or a setting is wrong."""

UNREAD = 141
"""Whoever read the output has gone; what a shell says of a process that SIGPIPE ended."""

BEYOND = 4
"""Something the person at the keyboard cannot mend by calling differently."""


class _OneLineParser(argparse.ArgumentParser):
    """Says what is wrong with a call in one line, as every other error is said."""

    def error(self, message: str) -> NoReturn:
        self.exit(MISUSED, f"{self.prog}: {message}; {' '.join(self.format_usage().split())}\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command. Returns 0 done, 2 the call is wrong, 3 the data cannot carry the plan, 4 anything else."""
    call = parser().parse_args(arguments)
    try:
        status = cast(Callable[[argparse.Namespace], int], call.body)(call)
        sys.stdout.flush()
        return status
    except BrokenPipeError:
        return _unread()
    except SettingsError as error:
        return _complain(error.problems, MISUSED)
    except RegistryError as error:
        return _complain([str(error.message), *(finding.text() for finding in error.findings)], BEYOND)
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the edge of the process: a line that can be reported, and no values
        return _complain([_fault(error)], BEYOND)


def parser() -> argparse.ArgumentParser:
    """All commands and their options."""
    top: argparse.ArgumentParser = _OneLineParser(
        prog="virkning", description="Pilots, their measured effects, and the advice that follows."
    )
    commands = top.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for name, explanation in SERVICES.items():
        command = commands.add_parser(name, help=explanation, description=explanation)
        command.set_defaults(body=_service, name=name)
        command.add_argument("--data", type=Path, metavar="DIR", help="folder for all state (default: DATA or ./var)")
        if name in {"demo", "serve"}:
            command.add_argument("--port", help="port to listen on (default: PORT or 8000)")
    _add_analyse(commands)
    _add_moments(commands)
    _add_grade(commands)
    _add_power(commands)
    _add_synthesise(commands)
    _add_verify(commands)
    _add_benchmark(commands)
    _add_cluster(commands)
    _add_backup(commands)
    _add_restore(commands)
    return top


SERVICES = {
    "demo": "seed the embedded database and serve, with a worker",
    "serve": "serve the web application",
    "worker": "run background work",
    "migrate": "bring the database to the schema of this version",
    "seed": "fill an empty database with reference data, and with the demo programme if SEED=demo",
    "doctor": "check settings, database, disk and audit chain, and say how to mend what is wrong",
}


def _add_analyse(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explanation = "estimate what a plan asks for; needs no database and no network"
    command = commands.add_parser("analyse", help=explanation, description=explanation)
    command.set_defaults(body=_analyse)
    command.add_argument("plan", type=Path, metavar="PLAN.toml")
    command.add_argument(
        "data", type=Path, nargs="+", metavar="DATA", help="CSV or Parquet; several files are one table"
    )
    command.add_argument("--out", type=Path, metavar="RESULT.json", help="default: standard output")
    command.add_argument("--seed", type=int, metavar="N", help="default: the plan's own")
    command.add_argument("--schema", type=Path, metavar="SCHEMA.json", help="Table Schema of CSV that is not plain")
    _add_language(command)


def _add_moments(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explanation = "sums to share in place of rows, and what leaves the house with them; needs no server and no network"
    command = commands.add_parser("moments", help=explanation, description=explanation)
    command.set_defaults(body=_moments)
    command.add_argument("plan", type=Path, metavar="PLAN.toml")
    silent = "CSV or Parquet; several files are one table; without any: what sums answer of the plan"
    command.add_argument("data", type=Path, nargs="*", metavar="DATA", help=silent)
    command.add_argument(
        "--out", type=Path, metavar="SITE.moments", help="the sums; their cover sheet is SITE.moments.txt"
    )
    command.add_argument("--authority", default="", metavar="NAME", help="whose rows they are")
    merge = "count a cluster of too few people as part of another; may be repeated"
    command.add_argument("--merge", action="append", default=[], metavar="CLUSTER=INTO", help=merge)
    command.add_argument("--schema", type=Path, metavar="SCHEMA.json", help="Table Schema of CSV that is not plain")
    _add_language(command, "DEFAULT_LANGUAGE or da")


def _add_grade(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explanation = "certainty, verdicts and recommendation from stated inputs, with reasons"
    command = commands.add_parser("grade", help=explanation, description=explanation)
    command.set_defaults(body=_grade)
    command.add_argument("case", type=Path, metavar="CASE.toml")
    command.add_argument("--out", type=Path, metavar="RESULT.json", help="default: standard output")
    _add_language(command)


def _add_power(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explanation = "power, minimal detectable effect or number of clusters, whichever is left out"
    command = commands.add_parser("power", help=explanation, description=explanation)
    command.set_defaults(body=_power)
    command.add_argument("design", type=Path, metavar="DESIGN.toml")
    command.add_argument("--out", type=Path, metavar="RESULT.json", help="default: standard output")
    _add_language(command)


def _add_synthesise(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explanation = "meta-analysis of effects, every estimator side by side"
    command = commands.add_parser("synthesise", help=explanation, description=explanation)
    command.set_defaults(body=_synthesise)
    command.add_argument("studies", type=Path, metavar="STUDIES.csv", help="columns study, yi, vi and perhaps cluster")
    command.add_argument("--moderator", action="append", default=[], metavar="COLUMN", help="may be repeated")
    for name, meaning in {"study": "says which study a row is", "cluster": "says what studies have in common"}.items():
        command.add_argument(f"--{name}", default=name, metavar="COLUMN", help=f"column that {meaning}")
    worth = "smallest difference worth a roll-out, in the unit of yi; sets the prior of the pooling model"
    command.add_argument("--minimal-important", type=float, metavar="M", help=worth)
    unreported = "studies that were completed and not reported: how far they could have moved the mean"
    command.add_argument("--silent", type=int, metavar="N", help=unreported)
    command.add_argument("--out", type=Path, metavar="RESULT.json", help="default: standard output")
    _add_language(command)


def _add_verify(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explanation = "recompute a published bundle offline and name every difference"
    command = commands.add_parser("verify", help=explanation, description=explanation)
    command.set_defaults(body=_verify)
    command.add_argument("bundle", type=Path, metavar="BUNDLE", help="the ZIP file of a recommendation, or its folder")
    command.add_argument("--out", type=Path, metavar="REPORT.json", help="default: standard output")
    _add_language(command)


def _add_benchmark(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explanation = "measure this machine beside other libraries, on generated data"
    command = commands.add_parser("benchmark", help=explanation, description=explanation)
    command.set_defaults(body=_benchmark)
    command.add_argument(
        "name",
        nargs="?",
        help="ingest, effects, resampling or pages (default: all), distributed, coverage, decisions or endurance",
    )
    for size, counted in {
        "rows": "of data",
        "draws": "of a resampling",
        "requests": "for a page",
        "runs": "each",
        "trials": "a row of coverage or decisions",
    }.items():
        command.add_argument(f"--{size}", type=int, metavar="N", default=argparse.SUPPRESS, help=f"{size} {counted}")
    minutes = "minutes of endurance (default: 10)"
    command.add_argument("--minutes", type=float, metavar="N", default=argparse.SUPPRESS, help=minutes)
    command.add_argument("--out", type=Path, metavar="FILE.json", help="every single run")


def _add_cluster(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explanation = "a scheduler and workers that do work in parts; says what to set DASK_SCHEDULER to"
    command = commands.add_parser("cluster", help=explanation, description=explanation)
    command.set_defaults(body=_cluster)
    command.add_argument("--workers", type=int, default=2, metavar="N", help="processes of one thread (default: 2)")
    reached = (
        "address to listen on (default: this machine alone; without TLS all its accounts can run programmes by it)"
    )
    command.add_argument("--host", default="127.0.0.1", help=reached)
    command.add_argument("--port", type=int, default=8786, help="of the scheduler (default: 8786; 0: a free one)")
    elsewhere = "start workers only, for the scheduler that runs there"
    command.add_argument("--join", default="", metavar="ADDRESS", help=elsewhere)


def _add_backup(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explanation = "everything in one file, while the service goes on; the same for SQLite and PostgreSQL"
    command = commands.add_parser("backup", help=explanation, description=explanation)
    command.set_defaults(body=_backup)
    command.add_argument("--out", type=Path, metavar="FILE", required=True, help="never overwritten")
    command.add_argument("--without-secret", action="store_true", help="leave out the secret of the installation")
    command.add_argument("--data", type=Path, metavar="DIR", help="folder for all state (default: DATA or ./var)")


def _add_restore(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    explanation = "put a backup into an empty database and folder, and check them"
    command = commands.add_parser("restore", help=explanation, description=explanation)
    command.set_defaults(body=_restore)
    command.add_argument("archive", type=Path, metavar="FILE")
    command.add_argument("--data", type=Path, metavar="DIR", help="folder for all state (default: DATA or ./var)")


def _add_language(command: argparse.ArgumentParser, usual: str = "en") -> None:
    command.add_argument("--language", choices=("da", "en"), help=f"to speak (default: {usual})")


def _speaking(language: str) -> AbstractContextManager[None]:
    """What is wrong with files is said in that language; without one in the commands' own words."""
    if not language:
        return nullcontext()
    translate = import_module("registry.kit.language").translate
    speaking: Callable[..., AbstractContextManager[None]] = import_module("effects.terminal").speaking
    return speaking(partial(translate, language=language))


def _analyse(call: argparse.Namespace) -> int:
    run = import_module("effects.command").run
    with spreading_over(scheduler_of()), _speaking(call.language):
        return int(run(call.plan, call.data, call.out, call.seed, call.schema))


def _moments(call: argparse.Namespace) -> int:
    command = import_module("effects.command_moments")
    stated = {name: getattr(call, name) for name in ("plan", "data", "out", "schema", "authority")}
    asked = command.Call(**stated, merges=call.merge, day=import_module("registry.kit.clock").today().isoformat())
    with _speaking(call.language or _place(None).language):
        return int(command.run(asked))


def _grade(call: argparse.Namespace) -> int:
    with _speaking(call.language):
        return int(import_module("effects.command_grade").run(call.case, call.out))


def _power(call: argparse.Namespace) -> int:
    with _speaking(call.language):
        return int(import_module("effects.command_power").run(call.design, call.out))


def _synthesise(call: argparse.Namespace) -> int:
    run = import_module("effects.command_synthesise").run
    named = {"study": call.study, "cluster": call.cluster}
    with _speaking(call.language):
        return int(run(call.studies, call.moderator, call.out, call.minimal_important, call.silent, **named))


def _verify(call: argparse.Namespace) -> int:
    with _speaking(call.language):
        return int(import_module("effects.command_verify").run(call.bundle, call.out))


def _benchmark(call: argparse.Namespace) -> int:
    command = import_module("registry.benchmarks.command")
    wanted = {name: value for name, value in vars(call).items() if name != "body"}
    with spreading_over(scheduler_of()):
        return int(command.run(command.Wanted(**wanted)))


def _cluster(call: argparse.Namespace) -> int:
    _keep_to_the_owner()
    return int(import_module("registry.cluster").run(call.workers, call.host, call.port, call.join))


def _backup(call: argparse.Namespace) -> int:
    _keep_to_the_owner()
    run = import_module("registry.backup.command").run_backup
    return int(run(_place(call.data), call.out, with_secret=not call.without_secret))


def _restore(call: argparse.Namespace) -> int:
    _keep_to_the_owner()
    return int(import_module("registry.backup.command").run_restore(_place(call.data), call.archive))


def _keep_to_the_owner() -> None:
    """What this process and its children make from now on is for the owner only, wherever the folder came from."""
    os.umask(0o077)


def _place(state: Path | None) -> Settings:
    """The settings of a command that makes no state of its own."""
    return Settings.from_environment(stated={} if state is None else {"DATA": str(state)}, makes=False)


def _service(call: argparse.Namespace) -> int:
    _keep_to_the_owner()
    silent = {"DEMO": "yes", "SEED": "demo"} if call.name == "demo" else {}
    said = {"DATA": call.data, "PORT": getattr(call, "port", None)}
    stated = {name: str(value) for name, value in said.items() if value is not None}
    settings = Settings.from_environment(silent=silent, stated=stated, makes=call.name != "doctor")
    module = {"serve": "serving", "seed": "seeding"}.get(call.name, call.name)
    return int(import_module(f"registry.{module}").run(settings) or 0)


def _unread() -> int:
    """Say nothing more, also when the interpreter ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return UNREAD


def _fault(error: Exception) -> str:
    frame = traceback.extract_tb(error.__traceback__)[-1]
    return (
        f"a fault in the programme ({type(error).__name__} at {frame.filename}:{frame.lineno}); please report this line"
    )


def _complain(lines: Sequence[str], status: int) -> int:
    for line in lines:
        print(f"virkning: {line}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main())
