"""The portfolio wall: every pilot's advice with its certainty, the money at stake and what was decided."""

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any, Final

import msgspec

from effects.codes import Role as Indicated
from registry.decisions.duties import urgency
from registry.decisions.queries import decisions
from registry.decisions.schemas import DecisionSummary
from registry.desks.schemas import Levels, Money, WallFilter, WallRow, WallState
from registry.kit.paging import Paging
from registry.people.rules import Person
from registry.recommendations.queries import recommendations
from registry.recommendations.schemas import RecommendationSummary
from registry.recommendations.standing import partly_hidden
from registry.recommendations.tables import Basis, Recommendation

SORTABLE: Final = ("technology", "advice", "certainty", "money", "decided", "review")
_ADVISED: Final = ("ROLL_OUT", "ROLL_OUT_IN_STAGES", "EXTEND", "NOT_ENOUGH_EVIDENCE", "PAUSE_AND_REVIEW", "STOP")


async def wall(person: Person) -> list[WallRow]:
    """Every recommendation that the person may see, what waits for a decision first, then by what is due next."""
    made = {one.recommendation_id: one for one in (await decisions(person)).decisions}
    issued = (await recommendations(person)).recommendations
    figures = await _figures([item.id for item in issued])
    hidden = await partly_hidden(person, [item.id for item in issued])
    told = {one: _Figures(found.certainty, None) if one in hidden else found for one, found in figures.items()}
    rows = [_row(item, told[item.id], made.get(item.id)) for item in issued]
    return sorted(rows, key=_urgency)


def narrowed(rows: Sequence[WallRow], wanted: WallFilter, paging: Paging) -> list[WallRow]:
    """The rows that the filter leaves, in the order asked for; what is not known comes last either way."""
    kept = [row for row in rows if _wanted(row, wanted)]
    if not paging.sort:
        return kept
    key = _ORDERS[paging.sort]
    known = [row for row in kept if key(row) is not None]
    return sorted(known, key=key, reverse=paging.descending) + [row for row in kept if key(row) is None]


def _wanted(row: WallRow, wanted: WallFilter) -> bool:
    return (
        wanted.technology in (None, row.technology_id)
        and wanted.advice in (None, row.advised)
        and wanted.state in (None, row.state)
    )


_ORDERS: Final[Mapping[str, Callable[[WallRow], Any]]] = {
    "technology": lambda row: row.technology.casefold(),
    "advice": lambda row: _ADVISED.index(row.advised),
    "certainty": lambda row: row.certainty and (row.certainty.lowest, row.certainty.highest),
    "money": lambda row: row.money and (row.money.currency, row.money.value),
    "decided": lambda row: row.decided_at,
    "review": lambda row: row.review_on,
}


def _row(item: RecommendationSummary, figures: "_Figures", decision: DecisionSummary | None) -> WallRow:
    is_outdated = item.outdated is not None
    return WallRow(
        recommendation_id=item.id,
        pilot_id=item.pilot_id,
        pilot_title=item.pilot_title,
        technology_id=item.technology_id,
        technology=f"{item.technology_name} {item.major_version}".strip(),
        simulated=item.simulated,
        advised=item.kind,
        certainty=figures.certainty,
        money=figures.money,
        issued_at=item.issued_at,
        outdated=is_outdated,
        state=_state(decision, is_outdated),
        decision_id=decision.id if decision else None,
        choice=decision.choice if decision else None,
        deviates=decision.deviates if decision else False,
        decided_at=decision.decided_at if decision else None,
        review_on=decision.review_on if decision else None,
        duty=decision.duty if decision else None,
        later=decision.later if decision else None,
    )


def _state(decision: DecisionSummary | None, is_outdated: bool) -> WallState:
    if decision is None:
        return WallState.REPLACED if is_outdated else WallState.UNDECIDED
    if decision.duty is not None and decision.duty.due:
        return WallState.DUE
    return WallState.REPLACED if decision.later is not None else WallState.DECIDED


_PLACES: Final = tuple(WallState)


def _urgency(row: WallRow) -> tuple[int, Any]:
    return _PLACES.index(row.state), urgency(row.duty, row.recommendation_id)


class _Figures(msgspec.Struct, frozen=True):
    certainty: Levels | None
    money: Money | None


async def _figures(issued: Collection[int]) -> dict[int, _Figures]:
    if not issued:
        return {}
    rows = await Recommendation.select(Recommendation.id, Recommendation.advice).where(
        Recommendation.id.is_in(list(issued))
    )
    based = Basis.recommendation.is_in(list(issued)) & Basis.business_case.is_not_null()
    nationwide = {row["recommendation"] for row in await Basis.select(Basis.recommendation).where(based)}
    return {row["id"]: _told(msgspec.json.decode(row["advice"]), row["id"] in nationwide) for row in rows}


def _told(advice: Mapping[str, Any], nationwide: bool) -> _Figures:
    economy = advice.get("economy", {})
    value = economy.get("expected_net_value")
    money = None if value is None else Money(value, economy.get("currency") or "", nationwide)
    return _Figures(_least(advice["indicators"]), money)


def _least(graded: Sequence[Mapping[str, Any]]) -> Levels | None:
    """The lowest certainty among the primary indicators."""
    primary = [item["certainty"] for item in graded if item["role"] == Indicated.PRIMARY]
    if not primary:
        return None
    return Levels(min(one["lowest"] for one in primary), min(one["highest"] for one in primary))
