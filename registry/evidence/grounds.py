"""What is known of a technology when its pilots are looked at together."""

import tomllib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import msgspec
from piccolo.query import Select

from effects.plan import AnalysisPlan
from registry.analyses.reading import under_agreed_names
from registry.evidence.queries import outdated
from registry.evidence.reach import Reach, reach_of
from registry.evidence.rules import ENOUGH_TOGETHER
from registry.evidence.tables import Assessment, Synthesis
from registry.indicators import queries as indicators
from registry.indicators.tables import LibraryIndicator
from registry.kit.clock import day_of
from registry.pilots.tables import Pilot


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """The newest approved assessment of a pilot; `codes` and `units` go by the name of the indicator in its case.

    `dated` is the day the pilot ends, else the day it started, else that of the assessment.
    """

    assessment: int
    pilot: int
    title: str
    place: int
    dated: date
    case: str
    codes: Mapping[str, str]
    units: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """Everything that a look at a technology is made from; it travels to the worker's processes.

    `heard` are the newest first. `information` is the share of the planned pilots that each decision look had, this
    one last.
    """

    technology: int
    heard: tuple[Heard, ...]
    reach: Reach
    information: tuple[float, ...]

    @property
    def together(self) -> bool:
        """Whether there are pilots to look at beside each other; a technology with a single pilot is its assessment."""
        return self.reach.registered >= ENOUGH_TOGETHER and bool(self.heard)


async def ground_of(technology_id: int) -> Ground:
    """What a look at the technology would rest on now, claims being tested as if advice were given on it."""
    heard = tuple([await _heard(row) for row in await _newest(technology_id)])
    pilots = [one.pilot for one in heard]
    reach = await reach_of(technology_id, pilots)
    decided = (Synthesis.technology == technology_id) & Synthesis.decides.eq(True)
    before = await Synthesis.select(Synthesis.assessments).where(decided)
    pooled = [len(msgspec.json.decode(row["assessments"])) for row in before]
    return Ground(
        technology=technology_id,
        heard=heard,
        reach=reach,
        information=_information([*pooled, len(heard)], reach.planned),
    )


async def _newest(technology_id: int) -> Sequence[Mapping[str, Any]]:
    """The newest approved assessment that still counts of each pilot, the newest first."""
    rows: list[dict[str, Any]] = (
        await _rows()
        .where(Assessment.pilot.is_in(Pilot.select(Pilot.id).where(Pilot.technology == technology_id)))
        .where(Assessment.approved_at.is_not_null())
        .order_by(Assessment.id, ascending=False)
    )
    old = await outdated([row["id"] for row in rows])
    return [row for row in rows if row["id"] not in old]


async def heard_of(assessment_id: int) -> Heard:
    """One assessment with the codes and units of its indicators."""
    row = await _rows().where(Assessment.id == assessment_id).first()
    assert row is not None, "an assessment is never deleted"
    return await _heard(row)


def _rows() -> Select[Assessment]:
    return Assessment.select(
        Assessment.id,
        Assessment.pilot,
        Assessment.pilot._.title.as_alias("title"),
        Assessment.pilot._.organisation.as_alias("place"),
        Assessment.pilot._.starts.as_alias("starts"),
        Assessment.pilot._.ends.as_alias("ends"),
        Assessment.assessed_at,
        Assessment.case,
        Assessment.analysis._.plan._.toml.as_alias("toml"),
        Assessment.analysis._.plan._.agreement.as_alias("agreement"),
    )


async def _heard(row: Mapping[str, Any]) -> Heard:
    codes = {}
    if row["toml"]:
        outcomes = AnalysisPlan.from_text(row["toml"]).analysed
        named = under_agreed_names(outcomes, msgspec.json.decode(row["agreement"]))
        codes = {outcome.name or outcome.column: outcome.column for outcome in named}
    agreed = {one.code: one.unit for one in await indicators.agreed_set(row["pilot"])}
    units = {name: agreed[code] for name, code in codes.items() if agreed.get(code)}
    return Heard(
        assessment=row["id"],
        pilot=row["pilot"],
        title=row["title"],
        place=row["place"],
        dated=row["ends"] or row["starts"] or day_of(row["assessed_at"]),
        case=row["case"],
        codes=codes,
        units=await _of_the_library(row["case"]) | units,
    )


async def _of_the_library(case: str) -> dict[str, str]:
    """The units of those indicators of a case file that go by a name of the library, in either language."""
    names = [item["name"] for item in tomllib.loads(case).get("indicator", [])]
    called = LibraryIndicator.name_da.is_in(names) | LibraryIndicator.name_en.is_in(names)
    rows = await LibraryIndicator.select().where(called) if names else []
    units = {row[name]: row["unit"] for row in rows for name in ("name_da", "name_en") if row["unit"]}
    return {name: units[name] for name in names if name in units}


def _information(pilots: Collection[int], planned: int) -> tuple[float, ...]:
    """Shares of the planned pilots, each look that learnt more than those before it; none for an only look."""
    grown = sorted({min(number, planned) for number in pilots if number})
    shares = tuple(number / planned for number in grown) if planned else ()
    return () if shares == (1.0,) else shares
