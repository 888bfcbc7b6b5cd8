"""What the worker does for evidence: it grades an assessment and looks at all pilots of a technology."""

import tomllib
from typing import Any

from effects.case import case_from_mapping
from effects.grading import grade
from registry.evidence.actions import store_grade
from registry.evidence.compute import look_of
from registry.evidence.grounds import ground_of
from registry.evidence.looks import keep
from registry.evidence.tables import Assessment
from registry.kit.work import Work


async def run(work: Work) -> None:
    """Grade the case of an assessment by the rule set in force and keep the grade."""
    assessment_id: int = work.payload["assessment"]
    row = await Assessment.select(Assessment.case).where(Assessment.id == assessment_id).first()
    assert row is not None, "an assessment is never deleted"
    graded = await work.compute(grade_of, row["case"])
    async with work.finishing():
        await store_grade(assessment_id, graded)


async def look(work: Work) -> None:
    """Look at a technology as its approved evidence stands now and keep the look; nothing where a look is not due."""
    ground = await ground_of(work.payload["technology"])
    if ground.together:
        found = await work.compute(look_of, ground)
        async with work.finishing():
            await keep(ground, found, job=work.job_id)


def grade_of(case: str) -> dict[str, Any]:
    """The grade of a case file, ready for JSON. Raises CaseError for one that cannot be read."""
    return grade(case_from_mapping(tomllib.loads(case))).to_mapping()
