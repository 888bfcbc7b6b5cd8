"""Reading the evidence on a technology, look by look; nobody reads the figures of a pilot they may not see."""

from collections.abc import Mapping
from typing import Any

import msgspec

from effects.message import Message
from registry.evidence.queries import any_simulated, approved_of, outdated
from registry.evidence.rules import LOOKS, OVERTAKEN
from registry.evidence.schemas import LookSummary, Seen, TechnologyEvidence
from registry.evidence.tables import Synthesis
from registry.evidence.withheld import graded
from registry.kit import jobs
from registry.kit.errors import NotFound
from registry.kit.language import Language
from registry.people.rules import Person
from registry.pilots.queries import technology, visible_to
from registry.pilots.tables import Pilot


async def evidence_on(
    person: Person, technology_id: int, language: Language, number: int | None = None
) -> TechnologyEvidence:
    """The newest look at a technology, or the one of a number. Raises NotFound for a look the person may not see.

    A look is for those who may see one of its pilots; without one the answer has no result.
    """
    await technology(person, technology_id)
    titles = await _titles(person, technology_id)
    job = await jobs.latest(LOOKS.format(technology_id))  # read first: a job that is over has stored its look
    rows = await Synthesis.select().where(Synthesis.technology == technology_id).order_by("number", ascending=False)
    looks = [row for row in rows if row["result"] and _pilots(row) & set(titles)]
    chosen = next((row for row in looks if number in (None, row["number"])), None)
    if chosen is None:
        if number is not None:
            raise NotFound
        single = await approved_of(sorted(titles))
        return TechnologyEvidence(technology_id=technology_id, single=single, job=job)
    result = msgspec.json.decode(chosen["result"])
    pilots = await _seen(result, titles)
    charts = result.pop("charts").get(language, {})
    whole = all(one.pilot_id for one in pilots)
    return TechnologyEvidence(
        technology_id=technology_id,
        looks=[_summary(row) for row in looks],
        number=chosen["number"],
        made_at=chosen["made_at"],
        ruleset=chosen["ruleset"],
        result=shown(result, set(titles)),
        pilots=pilots,
        chart=charts.get("all", "") if whole else "",
        simulated=await any_simulated(msgspec.json.decode(chosen["assessments"])),
        outdated=await _why_outdated(chosen, looks[0]),
        job=job,
    )


async def case_of_look(person: Person, technology_id: int, number: int) -> str:
    """The pooled case file of a look. Raises NotFound unless the person may see every one of its pilots."""
    titles = await _titles(person, technology_id)
    about = (Synthesis.technology == technology_id) & (Synthesis.number == number)
    row = await Synthesis.select().where(about).first()
    if row is None or not row["result"] or not _pilots(row) <= set(titles):
        raise NotFound
    return str(row["case"])


def shown(result: Mapping[str, Any], seen: set[int]) -> dict[str, Any]:
    """The result of a look; without any pooled figure where it rests on a pilot that is not among those seen."""
    pilots = [one for one in result["pilots"] if one["pilot"] in seen]
    if len(pilots) == len(result["pilots"]):
        return dict(result)
    hidden: dict[str, Any] = {"pooled": None, "modelled": None, "beside": None}
    indicators = [
        {**item, **hidden, "studies": [one if one["pilot"] in seen else {"pilot": None} for one in item["studies"]]}
        for item in result["indicators"]
    ]
    return {**result, "pilots": pilots, "indicators": indicators, "grade": graded(result["grade"])}


async def _titles(person: Person, technology_id: int) -> dict[int, str]:
    """The pilots of the technology that the person may see."""
    own = Pilot.select(Pilot.id, Pilot.title).where(Pilot.technology == technology_id)
    return {row["id"]: row["title"] for row in await own.where(visible_to(person))}


def _pilots(row: Mapping[str, Any]) -> set[int]:
    return {one["pilot"] for one in msgspec.json.decode(row["result"])["pilots"]}


async def _seen(result: Mapping[str, Any], titles: Mapping[int, str]) -> list[Seen]:
    old = await outdated([one["assessment"] for one in result["pilots"]])
    return [
        Seen(one["assessment"], one["pilot"], titles[one["pilot"]], old.get(one["assessment"]))
        if one["pilot"] in titles
        else Seen(None, None, None, None)
        for one in result["pilots"]
    ]


async def _why_outdated(chosen: Mapping[str, Any], newest: Mapping[str, Any]) -> Message | None:
    if chosen["number"] != newest["number"]:
        return Message(OVERTAKEN.template, {"number": newest["number"]})
    old = await outdated(msgspec.json.decode(chosen["assessments"]))
    return next(iter(old.values()), None)


def _summary(row: Mapping[str, Any]) -> LookSummary:
    pilots = len(msgspec.json.decode(row["assessments"]))
    return LookSummary(row["number"], pilots, bool(row["decides"]), row["made_at"])
