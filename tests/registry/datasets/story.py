"""Files, uploads and versions for the tests of this slice and all later ones."""

from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import msgspec

from effects.plan import AnalysisPlan
from registry.datasets import actions, files, jobs
from registry.datasets.checking import STORED, Checked, check
from registry.datasets.schema import Dialect, FileSchema, proposed
from registry.datasets.schemas import Statement
from registry.datasets.tables import DatasetVersion
from registry.kit.clock import today
from registry.kit.leasing import claim
from registry.kit.pool import Pool
from registry.kit.work import Arguments, Result, Work
from tests.registry.plans.story import PLAN, Cast

HEADER = "area,week,digital,n,language,strain,age,season\n"
LIMIT = 10_000_000


def a_csv(areas: int = 4, weeks: int = 3, **values: str) -> str:
    """A whole file for the plan of the plans' story; `values` replaces a column by one text."""
    lines = []
    for area in range(1, areas + 1):
        for week in range(1, weeks + 1):
            cells = {
                "area": f"{area:04d}",
                "week": f"2026-W{week:02d}",
                "digital": str(int(week > area)),
                "n": "12",
                "language": f"0.{area}{week}",
                "strain": "",
                "age": "71.5",
                "season": "winter",
            }
            lines.append(",".join({**cells, **values}.values()))
    return HEADER + "\n".join(lines) + "\n"


def a_wide_csv(areas: int = 4, weeks: int = 3) -> str:
    """The rows of `a_csv`, one for each area."""
    names = [f"{name}_2026-W{week:02d}" for week in range(1, weeks + 1) for name in ("digital", "language")]
    lines = [",".join(["area", "n", "strain", "age", "season", *names])]
    for area in range(1, areas + 1):
        cells = (cell for week in range(1, weeks + 1) for cell in (str(int(week > area)), f"0.{area}{week}"))
        lines.append(",".join([f"{area:04d}", "12", "", "71.5", "winter", *cells]))
    return "\n".join(lines) + "\n"


def a_schema(**dialect: Any) -> FileSchema:
    """What the plan of the plans' story asks for, in a dialect of its own where stated."""
    schema = proposed(AnalysisPlan.from_text(PLAN))
    return msgspec.structs.replace(schema, dialect=Dialect(**dialect))


def checked(folder: Path, content: str | bytes, schema: FileSchema) -> Checked:
    """What checking a file comes to; leaves its work in `folder / "work"`."""
    source, work = folder / "sent", folder / "work"
    source.write_bytes(content.encode() if isinstance(content, str) else content)
    work.mkdir(exist_ok=True)
    return check(source, work, schema)


def a_statement(**changes: Any) -> Statement:
    """A complete statement on rows for the plan of the plans' story."""
    stated: dict[str, Any] = {
        "purpose": "Evaluation of the digital service",
        "legal_basis": "Databeskyttelsesloven § 10",
        "retain_until": today() + timedelta(days=365),
    }
    return Statement(**{**stated, **changes})


async def whole(content: bytes) -> AsyncIterator[bytes]:
    """A file in one piece."""
    yield content


async def an_upload(cast: Cast, state: Path, content: str | bytes = a_csv(), **stated: Any) -> int:
    """A file sent by the cast's lead, not yet checked; the answer is its id."""
    sent = content.encode() if isinstance(content, str) else content
    file = await files.receive(whole(sent), state, LIMIT)
    statement = a_statement(**stated)
    return await actions.receive(cast.pilot, statement, file, "rows.csv", state=state, by=cast.lead)


_CHECKED: dict[tuple[bytes, FileSchema], tuple[Checked, bytes | None]] = {}


def checked_once(source: Path, folder: Path, schema: FileSchema) -> Checked:
    """What `check` comes to and leaves in the folder, remembered by what the file holds."""
    key = source.read_bytes(), schema
    if key not in _CHECKED:
        found = check(source, folder, schema)
        _CHECKED[key] = found, (folder / STORED).read_bytes() if found.stored else None
    found, stored = _CHECKED[key]
    if stored is not None:
        (folder / STORED).write_bytes(stored)
    return found


class InThisProcess(Work):
    """Checks where the test runs, and each file once: a child for every upload would take most of the tests' time."""

    async def limited(
        self,
        function: Callable[[*Arguments], Result],
        /,
        *arguments: *Arguments,
        seconds: float,
        megabytes: int,
    ) -> Result:
        assert seconds > 0 < megabytes
        here: Any = checked_once if function is check else function
        found: Result = here(*arguments)
        return found


async def work_off(state: Path, kind: type[Work] = InThisProcess) -> None:
    """Do the oldest waiting job as the worker would, here and now."""
    lease = await claim("worker of a test")
    assert lease is not None, "no job waits"
    work = kind(lease, Pool(1), state)
    await jobs.run(work)
    await work.end()


async def a_version(cast: Cast, state: Path, content: str | bytes = a_csv()) -> int:
    """A stored version that waits for a second person; the answer is its id."""
    upload_id = await an_upload(cast, state, content)
    await work_off(state)
    row = await DatasetVersion.select(DatasetVersion.id).where(DatasetVersion.upload == upload_id).first()
    assert row is not None, "the upload was refused"
    return int(row["id"])


async def an_approved_version(cast: Cast, state: Path, content: str | bytes = a_csv()) -> int:
    """A version that the cast's second lead approved; the answer is its id."""
    version_id = await a_version(cast, state, content)
    await actions.approve(version_id, by=cast.second)
    return version_id


def left_behind(state: Path) -> list[str]:
    """Every file below the state folder that holds or held rows."""
    return sorted(path.name for name in ("uploads", "datasets") for path in (state / name).rglob("*"))
