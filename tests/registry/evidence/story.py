"""Assessments for the tests of this slice and all later ones."""

from pathlib import Path
from typing import Any

from registry.evidence.actions import approve, assess, assess_published
from registry.evidence.rules import Known
from registry.evidence.schemas import Facts, Published
from registry.kit.resources import folder
from registry.people.rules import Person, Role
from registry.pilots.tables import Pilot
from tests.registry.analyses.story import a_result, a_written_analysis, an_estimate, work_off
from tests.registry.people.story import an_account
from tests.registry.plans.story import Cast

SOURCE = "Udsen and others, BMJ Open 2017;7:e014616"


def facts(**changes: Any) -> Facts:
    """Everything known, and nothing held against the result."""
    stated: dict[str, Any] = {
        "blinded": Known.YES,
        "self_report": Known.NO,
        "instruments_differ": Known.NO,
        "changed_after_data": Known.NO,
        "diagnostics_passed": Known.YES,
        "analysed_by_supplier_or_owner": Known.NO,
        "confounders_unmeasured": 0,
        "attrition_treated": 0.0,
        "attrition_control": 0.0,
        "dose": 0.9,
        "contamination": 0.0,
    }
    return Facts(**{**stated, **changes})


def published(**changes: Any) -> Published:
    """The trial of TeleCare Nord as it was published."""
    case = (folder("seeds") / "telecare_nord.toml").read_text("utf-8")
    return Published(**{"case": case, "source": SOURCE, **changes})


async def a_second_evaluator(cast: Cast) -> Person:
    """An evaluator of the pilot's owner who has done nothing yet."""
    return await an_account(Role.EVALUATOR, organisation=cast.lead.organisation)


async def an_assessment(known: Facts | None = None, **about: Any) -> tuple[Cast, int]:
    """A run whose facts are stated; its grade still waits for the worker."""
    cast, analysis_id = await a_written_analysis(**about)
    return cast, await assess(analysis_id, known or facts(), by=cast.evaluator)


async def a_graded_assessment(state: Path, known: Facts | None = None, **about: Any) -> tuple[Cast, int]:
    """An assessment of a run (`a_written_analysis`) with its grade."""
    cast, assessment_id = await an_assessment(known, **about)
    await work_off(state)
    return cast, assessment_id


async def an_approved_assessment(state: Path, **about: Any) -> tuple[Cast, int]:
    """A graded assessment that a second evaluator approved."""
    cast, assessment_id = await a_graded_assessment(state, **about)
    await approve(assessment_id, by=await a_second_evaluator(cast))
    return cast, assessment_id


async def a_published_assessment(state: Path, cast: Cast, **changes: Any) -> int:
    """TeleCare Nord's published figures, graded, as evidence of the pilot."""
    assessment_id = await assess_published(cast.pilot, published(**changes), by=cast.evaluator)
    await work_off(state)
    return assessment_id


async def technology_of(cast: Cast) -> int:
    """The technology of the cast's pilot."""
    row = await Pilot.select(Pilot.technology).where(Pilot.id == cast.pilot).first()
    assert row is not None
    return int(row["technology"])


async def two_pilots(state: Path, **about: Any) -> tuple[Cast, Cast, int]:
    """Two pilots of one technology whose evidence is approved, the second stronger; the last is the technology."""
    first, _ = await an_approved_assessment(state, **about)
    technology = await technology_of(first)
    cast, analysis_id = await a_written_analysis(
        a_result(an_estimate("language", 0.3, 0.06, 0.001), an_estimate("strain", -0.2, 0.4, 0.3)),
        **{**about, "technology": technology, "title": "Night watch"},
    )
    assessment_id = await assess(analysis_id, facts(dose=0.8), by=cast.evaluator)
    await work_off(state)
    await approve(assessment_id, by=await a_second_evaluator(cast))
    await work_off(state)
    return first, cast, technology
