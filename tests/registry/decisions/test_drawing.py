"""The order of a roll-out is drawn once, evenly, by a seed nobody chose, and can be drawn again by anybody."""

import asyncio
from datetime import date

import msgspec
import pytest

from effects.codes import Design
from effects.plan import AnalysisPlan
from effects.rollout import Place, draw_order
from registry.audit.queries import verify_chain
from registry.audit.tables import AuditEntry
from registry.decisions.drawing import draw, starts
from registry.decisions.rollouts import candidates, plan_text, rollout
from registry.decisions.tables import Decision, StagedRollout
from registry.kit.errors import Conflict, Forbidden, Invalid, NotFound
from tests.registry.decisions.story import a_drawing, a_staged_decision, analysed, in_days, municipalities
from tests.registry.desks.story import Crew
from tests.registry.people.story import an_organisation
from tests.registry.pilots.story import code_of

pytestmark = pytest.mark.usefixtures("database")

Staged = tuple[Crew, int]


@pytest.fixture
async def made() -> Staged:
    return await a_staged_decision()


async def test_the_order_is_kept_with_its_seed_its_days_and_a_plan_that_measures_it(made: Staged) -> None:
    crew, decision_id = made
    await analysed(crew)
    codes = await municipalities()
    await draw(decision_id, a_drawing(codes, stages=2, months_between=6), by=crew.decider)
    found = await rollout(crew.lead, decision_id)
    assert found.drawn is not None and found.summary is not None
    assert [len(stage.places) for stage in found.drawn.stages] == [4, 4]
    assert [stage.starts for stage in found.drawn.stages] == starts(a_drawing(codes, stages=2, months_between=6))
    assert found.drawn.balanced
    assert found.summary.drawn_by == crew.decider.name
    plan = AnalysisPlan.from_text(await plan_text(crew.lead, decision_id))
    assert (plan.design, plan.inference.seed) == (Design.STEPPED_WEDGE, found.summary.seed)
    assert [outcome.column for outcome in plan.outcomes] == ["language", "strain"]
    actions = await AuditEntry.select(AuditEntry.action).order_by(AuditEntry.id, ascending=False).first()
    assert actions == {"action": "decisions.draw"}
    assert await verify_chain() is None


async def test_anybody_draws_the_same_order_again_from_the_seed(made: Staged) -> None:
    crew, decision_id = made
    codes = await municipalities()
    await draw(decision_id, a_drawing(codes), by=crew.decider)
    row = await StagedRollout.select().first()
    assert row is not None
    known = [one for one in await candidates(crew.lead, 1) if one.code in codes]
    places = [Place(one.code, one.region, one.size_class or "", one.population or 0) for one in known]
    again = draw_order(places, 2, row["seed"])
    assert msgspec.json.decode(row["stages"])["order"] == msgspec.json.decode(msgspec.json.encode(again.to_mapping()))


async def test_it_is_drawn_once_also_when_two_try_at_once(made: Staged) -> None:
    crew, decision_id = made
    drawing = a_drawing(await municipalities())
    answers = await asyncio.gather(
        *(draw(decision_id, drawing, by=crew.decider) for _ in range(2)), return_exceptions=True
    )
    assert sorted(type(answer).__name__ for answer in answers) == ["Conflict", "NoneType"]
    with pytest.raises(Conflict):
        await draw(decision_id, drawing, by=crew.decider)
    assert await StagedRollout.count() == 1


async def test_everything_wrong_is_said_at_once_and_nothing_is_drawn(made: Staged) -> None:
    crew, decision_id = made
    wrong = a_drawing(["9999"], stages=4, first_period=in_days(0))
    with pytest.raises(Invalid) as refused:
        await draw(decision_id, wrong, by=crew.decider)
    assert {finding.code for finding in refused.value.findings} == {
        "begins_in_the_past",
        "no_municipality",
        "too_few_places",
    }
    assert await StagedRollout.count() == 0


async def test_a_place_without_region_or_size_is_named(made: Staged) -> None:
    crew, decision_id = made
    code = await code_of(await an_organisation())
    with pytest.raises(Invalid) as refused:
        await draw(decision_id, a_drawing([*await municipalities(2), code]), by=crew.decider)
    assert [(one.code, one.params["code"]) for one in refused.value.findings] == [("incomplete_place", code)]


async def test_only_who_may_decide_draws_and_only_for_stages(made: Staged) -> None:
    crew, decision_id = made
    drawing = a_drawing(await municipalities())
    with pytest.raises(Forbidden):
        await draw(decision_id, drawing, by=crew.lead)
    await Decision.update({Decision.choice: "extend"}).where(Decision.id == decision_id)
    with pytest.raises(Conflict):
        await draw(decision_id, drawing, by=crew.decider)
    with pytest.raises(NotFound):
        await draw(999, drawing, by=crew.decider)


async def test_published_figures_are_measured_by_the_indicators_of_their_case(made: Staged) -> None:
    crew, decision_id = made
    await draw(decision_id, a_drawing(await municipalities()), by=crew.decider)
    plan = AnalysisPlan.from_text(await plan_text(crew.lead, decision_id))
    assert plan.design is Design.STEPPED_WEDGE
    assert all(outcome.name for outcome in plan.outcomes)


@pytest.mark.parametrize(
    ("first", "months", "expected"),
    [
        (date(2027, 1, 31), 1, [date(2027, 1, 31), date(2027, 2, 28), date(2027, 3, 31)]),
        (date(2027, 11, 1), 3, [date(2027, 11, 1), date(2028, 2, 1), date(2028, 5, 1)]),
        (date(2027, 12, 30), 2, [date(2027, 12, 30), date(2028, 2, 29), date(2028, 4, 30)]),
        (date(2027, 6, 15), 36, [date(2027, 6, 15), date(2030, 6, 15), date(2033, 6, 15)]),
    ],
)
async def test_stages_begin_on_the_same_day_of_a_month_as_far_as_it_has_one(
    first: date, months: int, expected: list[date]
) -> None:
    assert starts(a_drawing([], stages=3, first_period=first, months_between=months)) == expected


async def test_a_roll_out_that_would_last_beyond_every_calendar_is_refused(made: Staged) -> None:
    crew, decision_id = made
    late = a_drawing(await municipalities(), stages=4, first_period=date(9999, 12, 1), months_between=36)
    with pytest.raises(Invalid) as refused:
        await draw(decision_id, late, by=crew.decider)
    assert "begins_too_late" in {finding.code for finding in refused.value.findings}
