"""What the worker does for recommendations: it applies the rules."""

import tomllib
from typing import Any

from effects.case import case_from_mapping
from effects.recommendation import recommend
from registry.evidence.tables import Assessment
from registry.kit.work import Work
from registry.recommendations.actions import store


async def issue(work: Work) -> None:
    """Draw up the advice that the case of an assessment leads to and keep it."""
    row = await Assessment.select(Assessment.case).where(Assessment.id == work.payload["assessment"]).first()
    assert row is not None, "an assessment is never deleted"
    advice = await work.compute(advice_on, row["case"])
    async with work.finishing():
        await store(work.payload, advice)


def advice_on(case: str) -> dict[str, Any]:
    """The advice on a case file, ready for JSON. Raises CaseError for one that cannot be read."""
    return recommend(case_from_mapping(tomllib.loads(case))).to_mapping()
