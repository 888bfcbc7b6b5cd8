"""Grading in the worker."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
import pytest

from effects.case import CaseError
from registry.analyses.retracting import retract
from registry.analyses.schemas import Retracting
from registry.evidence.compute import look_of
from registry.evidence.grounds import ground_of
from registry.evidence.jobs import grade_of
from registry.evidence.looks import ask
from registry.evidence.queries import assessment, assessments_of
from registry.evidence.schemas import Facts
from registry.evidence.tables import Synthesis
from registry.kit.database import transaction
from tests.registry.analyses.story import work_off
from tests.registry.evidence.story import (
    a_graded_assessment,
    a_published_assessment,
    an_assessment,
    published,
    two_pilots,
)
from tests.registry.plans.story import a_cast


def waiting(grade: Mapping[str, Any] | None) -> set[str]:
    """The rules about the first indicator that wait for a fact."""
    assert grade is not None
    return {step["rule"] for step in grade["indicators"][0]["certainty"]["steps"] if step["state"] is None}


@pytest.mark.usefixtures("database")
async def test_the_worker_grades_by_the_rule_set_that_the_assessment_names(tmp_path: Path) -> None:
    cast, assessment_id = await an_assessment()
    await work_off(tmp_path)
    found = await assessment(cast.lead, assessment_id)
    assert found.grade is not None
    assert found.grade["rules_version"] == found.assessment.ruleset
    assert found.grade == grade_of(found.case)
    assert found.assessment.graded


@pytest.mark.usefixtures("database")
async def test_what_is_not_stated_leaves_the_certainty_open(tmp_path: Path) -> None:
    cast, stated = await a_graded_assessment(tmp_path)
    silent_cast, silent = await a_graded_assessment(tmp_path, Facts(attrition_treated=0.1))
    known = (await assessment(cast.lead, stated)).grade
    unknown = (await assessment(silent_cast.lead, silent)).grade
    assert waiting(known) == {"J", "K"}, "target groups and silent pilots are not known to the registry"
    assert waiting(unknown) == {"A", "C", "D", "D4", "E", "F", "J", "K", "L"}


@pytest.mark.usefixtures("database")
async def test_telecare_nord_is_of_low_certainty_with_a_potential_bias_of_0_08(tmp_path: Path) -> None:
    cast = await a_cast()
    found = await assessment(cast.lead, await a_published_assessment(tmp_path, cast))
    assert found.grade is not None
    physical = found.grade["indicators"][0]
    assert (physical["title"]["text"], physical["certainty"]["label"]["text"]) == ("Little or no effect", "Low")
    attrition = next(step for step in physical["certainty"]["steps"] if step["rule"] == "A")
    assert attrition["found"]["potential_bias"] == pytest.approx(0.080, abs=0.0005)
    assert attrition["change"] == -1
    assert not found.grade["conjunction"]["proven"]


def test_the_grade_of_a_case_that_cannot_be_read_says_why() -> None:
    with pytest.raises(CaseError):
        grade_of(published().case.replace("[case]", "[cace]"))


@pytest.mark.usefixtures("database")
async def test_the_look_that_is_kept_is_the_one_the_ground_leads_to(tmp_path: Path) -> None:
    _, _, technology = await two_pilots(tmp_path)
    row = await Synthesis.select().where(Synthesis.technology == technology).first()
    assert row is not None
    expected = look_of(await ground_of(technology))
    assert (row["case"], row["ruleset"]) == (expected.case, expected.ruleset)
    assert msgspec.json.decode(row["result"]) == msgspec.json.decode(msgspec.json.encode(expected.result))


@pytest.mark.usefixtures("database")
async def test_a_retracted_result_is_not_in_the_next_look(tmp_path: Path) -> None:
    first, second, technology = await two_pilots(tmp_path)
    listed = await assessments_of(second.evaluator, second.pilot)
    run = listed.assessments[0].analysis_id
    assert run is not None
    await retract(run, Retracting("The rows held another week."), by=second.evaluator)
    async with transaction():
        await ask(technology)
    await work_off(tmp_path)
    rows = await Synthesis.select().where(Synthesis.technology == technology).order_by("number")
    own = (await assessments_of(first.evaluator, first.pilot)).assessments[0].id
    assert [len(msgspec.json.decode(row["assessments"])) for row in rows] == [2, 1]
    assert msgspec.json.decode(rows[1]["assessments"]) == [own]
