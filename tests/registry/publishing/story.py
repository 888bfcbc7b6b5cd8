"""Recommendations that rest on figures which were worked out, and so can be worked out again."""

from pathlib import Path
from typing import Any

from registry.evidence.actions import approve, assess
from tests.registry.analyses.story import a_finished_analysis, a_ready_cast, work_off
from tests.registry.business_cases.story import BY_EFFECT, a_stated_case
from tests.registry.evidence.story import a_second_evaluator, facts
from tests.registry.plans.story import Cast
from tests.registry.recommendations.story import issued


async def approved(state: Path, **about: Any) -> tuple[Cast, int]:
    """A pilot (`a_cast`) with real rows, analysed, assessed and approved."""
    cast, analysis_id = await a_finished_analysis(state, await a_ready_cast(state, **about))
    assessment_id = await assess(analysis_id, facts(), by=cast.evaluator)
    await work_off(state)
    await approve(assessment_id, by=await a_second_evaluator(cast))
    await work_off(state)
    return cast, assessment_id


async def recommended(state: Path, **about: Any) -> tuple[Cast, int]:
    """The advice on such a pilot and a business case that is valued with its effects."""
    cast, assessment_id = await approved(state, **about)
    await a_stated_case(cast, BY_EFFECT)
    await work_off(state)
    return cast, await issued(state, cast, assessment_id)
