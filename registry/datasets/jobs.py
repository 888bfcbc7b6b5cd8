"""Checking an upload in the worker, and what becomes of it: a version, or findings and no file."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from effects.codes import Design
from effects.errors import Finding
from effects.message import Message
from effects.plan import AnalysisPlan
from registry.datasets import files, queries, table_schema
from registry.datasets.checking import STORED, Checked, check
from registry.datasets.differences import Obstacle
from registry.datasets.facts import Step
from registry.datasets.keeping import Keeping, earlier_version, finish, keep
from registry.datasets.rules import UploadState
from registry.datasets.tables import Upload
from registry.datasets.weighing import Weighed, names_people, weigh, without
from registry.kit.pool import LimitExceeded
from registry.kit.work import Work

SECONDS: Final = 900.0
MEGABYTES: Final = 4_096
"""Address space of the child that reads what a stranger sent."""

LOOKS: Final = 0.5
"""Seconds between two looks at how far the child is."""

STEPS: Final[Mapping[Step, tuple[float, Message]]] = {
    Step.READING: (0.1, Message("The file is being read.")),
    Step.STORING: (0.3, Message("Every cell is being checked, and the rows sorted and stored.")),
    Step.SEARCHING: (0.7, Message("Something is wrong in the file; every fault is being looked for.")),
}
WEIGHING: Final = Message("The rows are being compared with those of version {number}.")


async def run(work: Work) -> None:
    """Check one upload. Done again after a crash it comes to the same: only the last step writes."""
    upload = await Upload.objects().get(Upload.id == int(work.payload["upload"]))
    if upload is None or upload.state != UploadState.CHECKING:
        return
    await work.progress(*STEPS[Step.READING])
    folder = files.work_folder(work.state, upload.id)
    checked = await _checked(work, files.upload_path(work.state, upload.id), folder, upload)
    weighed = await _weighed(work, folder, upload) if checked.stored else None
    async with work.finishing():
        if checked.stored is None:
            await finish(upload, UploadState.REFUSED, checked.findings)
        else:
            found = (*checked.findings, *(weighed.findings if weighed else ()))
            kept = Keeping(checked.stored, found, weighed.differences if weighed else None)
            await keep(upload, kept, folder / STORED, work.state)
    files.remove(work.state, upload.id)
    files.sweep(work.state, await queries.being_read())


async def _checked(work: Work, path: Path, folder: Path, upload: Upload) -> Checked:
    schema = table_schema.decoded(upload.schema)
    checking = asyncio.ensure_future(work.limited(check, path, folder, schema, seconds=SECONDS, megabytes=MEGABYTES))
    try:
        await _show(work, folder, checking)
        return await checking
    except LimitExceeded as error:
        return Checked((Finding("file", error.code, error.message.template),), None)


async def _show(work: Work, folder: Path, checking: asyncio.Future[Checked]) -> None:
    """Show how far the check is until it has ended; it is over, too, when the job turns out to be somebody else's."""
    shown: Step | None = Step.READING
    try:
        while not checking.done():
            await asyncio.wait({checking}, timeout=LOOKS)
            step = Step.told(folder)
            if step is not None and step != shown and not checking.done():
                shown = step
                await work.progress(*STEPS[step])
    finally:
        await asyncio.wait({checking})


async def _weighed(work: Work, folder: Path, upload: Upload) -> Weighed | None:
    """The checked rows against those of the version before; None where there is none."""
    earlier = await earlier_version(upload.pilot, work.state)
    if earlier is None:
        return None
    if earlier.path.suffix == files.MOMENTS:
        return without(earlier, Obstacle.MOMENTS)
    await work.progress(0.9, Message(WEIGHING.template, {"number": earlier.number}))
    schema = table_schema.decoded(upload.schema)
    plan = (await Upload.select(Upload.plan.toml.as_alias("toml")).where(Upload.id == upload.id))[0]["toml"]
    individual = AnalysisPlan.from_text(plan).design is Design.INDIVIDUAL_RANDOMISED
    people, later = names_people(schema, individual=individual), folder / STORED
    try:
        return await work.limited(weigh, later, schema, earlier, people, folder, seconds=SECONDS, megabytes=MEGABYTES)
    except LimitExceeded:
        return without(earlier, Obstacle.TOO_COSTLY)
