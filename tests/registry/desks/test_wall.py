"""The portfolio wall: what waits first, money where it is known, narrowed and sorted as asked."""

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from effects.codes import Kind
from registry.business_cases.tables import BusinessCase
from registry.decisions.tables import Decision
from registry.desks.queries import portfolio
from registry.desks.schemas import Levels, Money, WallFilter, WallRow, WallState
from registry.desks.wall import SORTABLE, narrowed, wall
from registry.evidence.tables import Synthesis
from registry.kit.clock import now, today
from registry.kit.paging import Paging
from registry.people.rules import Person, Role
from registry.pilots.rules import Visibility
from registry.recommendations.tables import Basis, Recommendation
from tests.registry.desks.story import ADVICE, Crew, a_crew, a_decision, a_recommendation, an_assessment
from tests.registry.people.story import an_account

pytestmark = pytest.mark.usefixtures("database")


def worth(value: float | None, currency: str | None = "DKK") -> dict[str, Any]:
    return {**ADVICE, "economy": {"expected_net_value": value, "currency": currency}}


async def an_open_crew(**about: Any) -> Crew:
    return await a_crew(visibility=Visibility.PROGRAMME, **about)


async def a_reader() -> Person:
    return await an_account(Role.DECISION_MAKER)


async def reviewed_in(decision_id: int, days: int | None) -> None:
    day = None if days is None else today() + timedelta(days=days)
    await Decision.update({Decision.review_on: day}).where(Decision.id == decision_id)


async def test_what_waits_for_a_decision_comes_first_then_what_is_due_then_by_the_next_day() -> None:
    crews = [await an_open_crew() for _ in range(4)]
    advice = [await a_recommendation(crew) for crew in crews]
    for crew, advised, days in zip(crews[1:], advice[1:], (90, -3, None), strict=True):
        await reviewed_in(await a_decision(crew, advised), days)
    rows = await wall(await a_reader())
    assert [row.recommendation_id for row in rows] == [advice[0], advice[2], advice[1], advice[3]]
    assert [row.state for row in rows] == [
        WallState.UNDECIDED,
        WallState.DUE,
        WallState.DECIDED,
        WallState.DECIDED,
    ]


async def test_advice_that_newer_evidence_replaced_comes_last_and_waits_for_nobody() -> None:
    crew = await an_open_crew()
    early, late = await a_recommendation(crew), await a_recommendation(crew)
    rows = await wall(await a_reader())
    assert [(row.recommendation_id, row.outdated, row.state) for row in rows] == [
        (late, False, WallState.UNDECIDED),
        (early, True, WallState.REPLACED),
    ]


async def test_a_decision_that_a_later_one_replaced_is_told_so() -> None:
    crew = await an_open_crew()
    early = await a_decision(crew, await a_recommendation(crew))
    late = await a_decision(crew, await a_recommendation(crew))
    rows = {row.decision_id: row for row in await wall(await a_reader())}
    assert (rows[early].state, rows[early].later) == (WallState.REPLACED, late)
    assert (rows[late].state, rows[late].later) == (WallState.DECIDED, None)


async def test_money_is_what_the_advice_worked_out_and_none_where_it_is_not_known() -> None:
    crew = await an_open_crew()
    for economy in (worth(-450.0, "EUR"), worth(None), ADVICE):
        await a_recommendation(crew, advice=economy)
    rows = sorted(await wall(await a_reader()), key=lambda row: row.recommendation_id)
    assert [row.money for row in rows] == [Money(-450.0, "EUR", nationwide=False), None, None]
    assert rows[0].certainty == Levels(1, 3)


async def test_money_of_a_business_case_is_for_the_whole_country() -> None:
    crew = await an_open_crew()
    advised = await a_recommendation(crew, advice=worth(12_000_000.0))
    row = await Recommendation.select(Recommendation.technology).where(Recommendation.id == advised).first()
    assert row is not None
    case = BusinessCase(technology=row["technology"], number=1, stated="", stated_by=crew.evaluator.id, stated_at=now())
    await case.save()
    await Basis(recommendation=advised, business_case=case.id).save()
    (shown,) = await wall(await a_reader())
    assert shown.money == Money(12_000_000.0, "DKK", nationwide=True)


async def test_the_wall_is_narrowed_by_technology_advice_and_what_was_decided() -> None:
    first, second = await an_open_crew(), await an_open_crew()
    stop = await a_recommendation(first, kind="STOP")
    extend = await a_recommendation(second, kind="EXTEND")
    await a_decision(second, extend)
    rows = await wall(await a_reader())
    technology = next(row.technology_id for row in rows if row.recommendation_id == stop)

    def left(**wanted: Any) -> list[int]:
        return [row.recommendation_id for row in narrowed(rows, WallFilter(**wanted), Paging())]

    assert left() == [stop, extend]
    assert left(technology=technology) == left(advice=Kind.STOP) == left(state=WallState.UNDECIDED) == [stop]
    assert left(technology=technology, advice=Kind.EXTEND) == []


@pytest.mark.parametrize("sort", SORTABLE)
@pytest.mark.parametrize("descending", [False, True])
async def test_every_order_keeps_all_rows_and_puts_what_is_not_known_last(sort: str, descending: bool) -> None:
    crew = await an_open_crew()
    for economy in (worth(5.0), worth(None), worth(-5.0), {"indicators": []}):
        await a_recommendation(crew, advice=economy)
    rows = await wall(await a_reader())
    ordered = narrowed(rows, WallFilter(), Paging(sort=sort, descending=descending))
    assert sorted(row.recommendation_id for row in ordered) == sorted(row.recommendation_id for row in rows)
    if sort == "money":
        expected = [5.0, -5.0, None, None] if descending else [-5.0, 5.0, None, None]
        assert [row.money.value if row.money else None for row in ordered] == expected
    if sort == "certainty":
        assert ordered[-1].certainty is None


async def test_pilots_without_advice_stand_beside_the_wall() -> None:
    advised, waiting = await an_open_crew(title="Advised"), await an_open_crew(title="Waiting")
    await a_recommendation(advised)
    reader = await a_reader()
    found = await portfolio(reader, WallFilter(), Paging())
    assert [pilot.title for pilot in found.unadvised] == ["Waiting"]
    assert (found.total, len(found.wall)) == (1, 1)
    (row,) = found.wall
    narrow = await portfolio(reader, WallFilter(technology=row.technology_id), Paging())
    assert (len(narrow.wall), narrow.unadvised) == (1, [])
    assert waiting.pilot


async def test_a_private_pilot_stands_on_nobody_elses_wall() -> None:
    crew = await a_crew()
    await a_recommendation(crew)
    found = await portfolio(await a_reader(), WallFilter(), Paging())
    assert (found.wall, found.total, found.unadvised) == ([], 0, [])
    rows: list[WallRow] = await wall(crew.decider)
    assert [row.pilot_id for row in rows] == [crew.pilot]


async def test_money_that_rests_on_a_hidden_pilot_is_not_told() -> None:
    crew, hidden = await an_open_crew(), await a_crew()
    advised = await a_recommendation(crew, advice=worth(12_000_000.0))
    row = await Recommendation.select(Recommendation.technology, Recommendation.assessment).first()
    assert row is not None
    pooled = [row["assessment"], await an_assessment(hidden, approved_by=hidden.lead)]
    look = Synthesis(
        technology=row["technology"],
        assessments=msgspec.json.encode(pooled).decode(),
        case="",
        ruleset="1",
        made_at=now(),
    )
    await look.save()
    await Basis.insert(Basis(recommendation=advised, synthesis=look.id))
    (shown,) = await wall(await a_reader())
    assert (shown.money, shown.certainty) == (None, Levels(1, 3))
