"""What the worker does for analyses: it carries out the plan and draws the plots."""

from typing import Final

from effects.message import Message
from registry.analyses.actions import store
from registry.analyses.compute import charts_of, result_of
from registry.analyses.tables import Analysis
from registry.datasets.files import versions
from registry.kit.work import Work

ESTIMATING: Final = Message("The effects are being estimated.")
DRAWING: Final = Message("The plots are being drawn.")


async def run(work: Work) -> None:
    """Carry out an analysis. Done again after a crash it comes to the same: only the last step writes.

    Raises DataError where the rows cannot carry the plan, Irreproducible when a rerun gives other bytes.
    """
    analysis_id: int = work.payload["analysis"]
    asked = (Analysis.plan.toml.as_alias("plan"), Analysis.dataset_version.stored.as_alias("rows"), Analysis.seed)
    row = await Analysis.select(*asked).where(Analysis.id == analysis_id).first()
    assert row is not None, "an analysis is never deleted"
    await work.progress(0.1, ESTIMATING)
    result = await work.compute(result_of, row["plan"], versions(work.state) / row["rows"], row["seed"])
    await work.progress(0.8, DRAWING)
    charts = await work.compute(charts_of, result, row["plan"])
    async with work.finishing():
        await store(analysis_id, result, charts)
