import pytest

from registry.analyses.tables import Analysis
from registry.benefits.measuring import NEWEST, effects_of
from tests.registry.analyses.story import a_written_analysis
from tests.registry.plans.story import a_cast

pytestmark = pytest.mark.usefixtures("database")


async def test_a_pilot_without_a_finished_analysis_offers_nothing() -> None:
    cast = await a_cast()
    assert await effects_of(cast.lead, cast.pilot) == []


async def test_a_run_without_a_result_offers_nothing() -> None:
    cast, analysis_id = await a_written_analysis()
    await Analysis.update({Analysis.finished_at: None}).where(Analysis.id == analysis_id)
    assert await effects_of(cast.lead, cast.pilot) == []


async def test_the_newest_runs_are_offered_newest_first() -> None:
    cast, first = await a_written_analysis()
    row = await Analysis.select(Analysis.all_columns(exclude=[Analysis.id])).where(Analysis.id == first).first()
    assert row is not None
    for seed in range(1, NEWEST + 1):
        await Analysis(**{**row, "seed": seed + 99}).save()
    offered = [one.analysis_id for one in await effects_of(cast.lead, cast.pilot)]
    assert offered == sorted(offered, reverse=True)
    assert len(set(offered)) == NEWEST
    assert first not in offered
