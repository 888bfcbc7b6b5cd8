"""What the worker does for analyses: it carries out the plan and draws the plots."""

from typing import Final

import msgspec

from effects.message import Message
from effects.plan import AnalysisPlan
from registry.analyses.actions import store
from registry.analyses.compute import charts_of, result_of
from registry.analyses.reading import under_agreed_names
from registry.analyses.rules import other_version
from registry.analyses.tables import Analysis
from registry.datasets.files import versions
from registry.datasets.queries import require_kept
from registry.kit.errors import Conflict
from registry.kit.work import Work

ESTIMATING: Final = Message("The effects are being estimated.")
DRAWING: Final = Message("The plots are being drawn.")


async def run(work: Work) -> None:
    """Carry out an analysis. Done again after a crash it comes to the same: only the last step writes.

    Raises DataError where the rows cannot carry the plan, Irreproducible when a rerun gives other bytes, and
    what was in the way: Conflict when the method was updated meanwhile, Gone when the rows were deleted meanwhile.
    """
    analysis_id: int = work.payload["analysis"]
    row = (
        await Analysis.select(
            Analysis.plan.toml.as_alias("plan"),
            Analysis.plan.agreement.as_alias("agreement"),
            Analysis.dataset_version.as_alias("version"),
            Analysis.dataset_version.stored.as_alias("rows"),
            Analysis.effects_version,
            Analysis.seed,
        )
        .where(Analysis.id == analysis_id)
        .first()
    )
    assert row is not None, "an analysis is never deleted"
    if refusal := other_version(row["effects_version"]):
        raise Conflict(refusal)
    await require_kept(row["version"])
    await work.progress(0.1, ESTIMATING)
    result = await work.compute(result_of, row["plan"], versions(work.state) / row["rows"], row["seed"])
    await work.progress(0.8, DRAWING)
    outcomes = AnalysisPlan.from_text(row["plan"]).analysed
    named = under_agreed_names(outcomes, msgspec.json.decode(row["agreement"]))
    charts = await work.compute(charts_of, result, named)
    async with work.finishing():
        await store(analysis_id, result, charts)
