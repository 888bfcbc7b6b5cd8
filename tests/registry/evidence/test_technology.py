"""Who reads what of the evidence on a technology."""

from pathlib import Path
from typing import Any

import pytest

from registry.evidence.actions import approve, assess
from registry.evidence.queries import assessment, assessments_of
from registry.evidence.schemas import Seen
from registry.evidence.technology import case_of_look, evidence_on, shown
from registry.kit.errors import NotFound
from registry.people.rules import Role
from registry.pilots.rules import Visibility
from tests.registry.analyses.story import work_off
from tests.registry.evidence.story import (
    a_second_evaluator,
    an_approved_assessment,
    facts,
    technology_of,
    two_pilots,
)
from tests.registry.people.story import an_account

pytestmark = pytest.mark.usefixtures("database")


async def everybody() -> Any:
    return await an_account(Role.EVALUATOR, everywhere=True)


async def test_who_sees_every_pilot_reads_every_figure(tmp_path: Path) -> None:
    first, second, technology = await two_pilots(tmp_path)
    found = await evidence_on(await everybody(), technology, "en")
    assert found.result is not None
    assert [one.pilot_id for one in found.pilots] == [second.pilot, first.pilot]
    assert [study["estimate"] for study in found.result["indicators"][0]["studies"]] == [0.3, 0.2]
    assert "Night watch" in found.chart
    assert [(one.number, one.pilots, one.decides) for one in found.looks] == [(1, 2, False)]
    assert found.outdated is None


async def test_a_pilot_that_is_not_open_is_neither_named_nor_are_its_figures_shown(tmp_path: Path) -> None:
    first, _, technology = await two_pilots(tmp_path)
    found = await evidence_on(first.evaluator, technology, "en")
    assert found.result is not None
    assert found.pilots[0] == Seen(None, None, None, None)
    hidden, own = found.result["indicators"][0]["studies"]
    assert (hidden, own["pilot"], own["estimate"]) == ({"pilot": None}, first.pilot, 0.2)
    assert "Night watch" not in found.chart and "Night watch" not in str(found.result)
    assert [one["pilot"] for one in found.result["pilots"]] == [first.pilot]
    (item, *_), graded = found.result["indicators"], found.result["grade"]["indicators"]
    assert (item["pooled"], item["beside"], found.chart) == (None, None, ""), (
        "from them the hidden one could be worked out"
    )
    assert {figure for one in graded for figure in one["effect"].values()} == {None}
    assert graded[0]["verdict"] and graded[0]["certainty"]["level"], "what follows is told in words"
    with pytest.raises(NotFound):
        await case_of_look(first.evaluator, technology, 1)


async def test_who_sees_none_of_the_pilots_reads_nothing(tmp_path: Path) -> None:
    _, _, technology = await two_pilots(tmp_path)
    stranger = await an_account(Role.EVALUATOR)
    found = await evidence_on(stranger, technology, "en")
    assert (found.result, found.looks, found.single, found.chart) == (None, [], [], "")
    for reading in (evidence_on(stranger, technology, "en", 1), evidence_on(stranger, 999, "en")):
        with pytest.raises(NotFound):
            await reading


async def test_before_a_second_pilot_the_assessment_is_the_evidence(tmp_path: Path) -> None:
    cast, assessment_id = await an_approved_assessment(tmp_path, visibility=Visibility.PROGRAMME)
    found = await evidence_on(cast.lead, await technology_of(cast), "da")
    assert ([one.id for one in found.single], found.result) == ([assessment_id], None)


async def test_an_older_look_stays_readable_and_says_what_took_its_place(tmp_path: Path) -> None:
    first, _, technology = await two_pilots(tmp_path)
    (row,) = (await assessments_of(first.evaluator, first.pilot)).assessments
    assert row.analysis_id is not None
    again = await assess(row.analysis_id, facts(dose=0.6), by=first.evaluator)
    await work_off(tmp_path)
    await approve(again, by=await a_second_evaluator(first))
    assert (await evidence_on(await everybody(), technology, "en")).outdated is not None
    await work_off(tmp_path)
    newest = await evidence_on(await everybody(), technology, "en")
    old = await evidence_on(await everybody(), technology, "en", 1)
    assert (newest.number, newest.outdated, old.number) == (2, None, 1)
    assert old.outdated is not None and dict(old.outdated.params) == {"number": 2}
    assert [one.assessment_id for one in newest.pilots] != [one.assessment_id for one in old.pilots]
    assert old.result is not None and old.result["indicators"][0]["studies"][1]["pilot"] == first.pilot
    assert (await assessment(first.lead, row.id)).assessment.id == row.id


async def test_the_case_file_of_a_look_is_for_those_who_see_all_of_it(tmp_path: Path) -> None:
    _, _, technology = await two_pilots(tmp_path)
    assert 'pilot = "' in await case_of_look(await everybody(), technology, 1)
    with pytest.raises(NotFound):
        await case_of_look(await everybody(), technology, 2)


async def test_what_is_left_out_is_left_out_everywhere() -> None:
    result = {
        "pilots": [{"pilot": 1, "assessment": 11}, {"pilot": 2, "assessment": 12}],
        "indicators": [
            {
                "name": "Falls",
                "studies": [{"pilot": 1, "estimate": 5.0}, {"pilot": 2, "estimate": 7.0}],
                "pooled": {"mean": 6.2},
                "beside": {"mean": 6.1, "studies": [5.0], "leave_one_out": [5.0], "cumulative": [5.0]},
            }
        ],
        "grade": {"indicators": [], "conjunction": {"p_value": 0.01, "required": 2}},
    }
    told = shown(result, {2})
    assert not any(figure in str(told) for figure in ("5.0", "6.1", "6.2", "0.01")) and "7.0" in str(told)
    assert told["pilots"] == [{"pilot": 2, "assessment": 12}]
    assert shown(result, {1, 2}) == result
