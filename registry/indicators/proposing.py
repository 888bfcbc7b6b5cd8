"""Proposing, rewording and withdrawing indicators, as long as they are not being rated."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import msgspec

from effects.errors import Finding
from registry.audit.actions import record
from registry.indicators import reading
from registry.indicators.queries import indicators_of, library, state_of
from registry.indicators.rules import HOLD_ROUND, PROPOSE, code_findings, must_not_be_rated, size_findings
from registry.indicators.schemas import FromLibrary, FromPlan, IndicatorView, NewIndicator, Rewording, Several
from registry.indicators.tables import Indicator
from registry.kit.access import Permission
from registry.kit.clock import now
from registry.kit.database import transaction
from registry.kit.errors import Conflict, Invalid, NotFound
from registry.people.rules import Person, require
from registry.pilots.queries import visible_pilot
from registry.pilots.schemas import PilotView
from registry.pilots.tables import Pilot


@dataclass(frozen=True, slots=True)
class Proposal:
    """An indicator to propose and where its findings belong: a place in the form, or a line of the text."""

    indicator: NewIndicator
    place: str = "{field}"
    row: int | None = None
    library: int | None = None

    def findings(self) -> Iterator[Finding]:
        """What is wrong with it by itself."""
        one = self.indicator
        for found in (*code_findings(one.code), *size_findings(one.minimal_important, one.margin)):
            yield replace(found, where=self._at(found.where), row=self.row)

    def taken(self, code: str, message: str, remedy: str) -> Finding:
        """A finding about its code."""
        params = {"code": self.indicator.code}
        return Finding(self._at("code"), code, message, remedy, params, row=self.row)

    def _at(self, field: str) -> str:
        """The code of an entry of the library stands in the field that chose it."""
        return self.place.format(field="library" if self.library and field == "code" else field)


async def propose(pilot_id: int, command: NewIndicator, *, by: Person) -> int:
    """Propose an indicator in one's own words; the answer is its id. Raises NotFound, Forbidden, Conflict, Invalid."""
    async with transaction():
        pilot = await changeable(pilot_id, PROPOSE, by=by)
        (indicator_id,) = await _store(pilot, [Proposal(command)], by=by)
    return indicator_id


async def propose_from_library(pilot_id: int, command: FromLibrary, *, by: Person) -> int:
    """Propose those of the library that were given a role; the answer is how many.

    Name and wording are taken over in the language of the person. Raises NotFound, Forbidden, Conflict, Invalid.
    """
    known = {one.code: one for one in await library(by.language)}
    proposals, findings = [], []
    for number, choice in enumerate(command.choices):
        if choice.role is None:
            continue
        entry = known.get(choice.library)
        if entry is None:
            where = f"choices.{number}.library"
            findings.append(Finding(where, "unknown", "There is no such indicator in the library.", "Choose another."))
            continue
        indicator = NewIndicator(
            code=entry.code,
            name=entry.name,
            wording=entry.wording,
            domain=entry.domain,
            role=choice.role,
            better=entry.better,
            unit=entry.unit,
            minimal_important=choice.minimal_important,
            margin=choice.margin,
        )
        proposals.append(Proposal(indicator, place=f"choices.{number}.{{field}}", library=entry.id))
    if not proposals and not findings:
        findings.append(Finding("choices", "missing", "Nothing is chosen.", "Give at least one indicator a role."))
    return await _propose_all(pilot_id, proposals, findings, by=by)


async def propose_several(pilot_id: int, command: Several, *, by: Person) -> int:
    """Propose an indicator for each line; all or none. Raises NotFound, Forbidden, Conflict, Invalid."""
    made, findings = reading.from_lines(command.lines)
    if not made and not findings:
        findings.append(Finding("lines", "missing", "There is no line to read.", "Write one indicator a line."))
    proposals = [Proposal(indicator, place="lines", row=row) for row, indicator in made.items()]
    return await _propose_all(pilot_id, proposals, findings, by=by)


async def propose_from_plan(pilot_id: int, command: FromPlan, *, by: Person) -> int:
    """Propose the outcomes of a plan file that are not proposed yet; the answer is how many.

    Raises PlanError for a plan that cannot be read, and NotFound, Forbidden, Conflict, Invalid.
    """
    stated = reading.from_plan(command.plan)
    async with transaction():
        pilot = await changeable(pilot_id, PROPOSE, by=by)
        there = {one.code for one in await indicators_of(pilot_id)}
        proposals = [
            Proposal(indicator, place=f"outcome[{number}].column")
            for number, indicator in enumerate(stated)
            if indicator.code not in there
        ]
        if not proposals:
            message, remedy = "Every outcome of the plan is proposed already.", "Look at the list of indicators."
            raise Invalid([Finding("plan", "nothing_new", message, remedy)])
        return len(await _store(pilot, proposals, by=by))


async def reword(pilot_id: int, indicator_id: int, command: Rewording, *, by: Person) -> None:
    """Give an indicator a better name and wording, before it is rated.

    Raises NotFound, Forbidden for what somebody else proposed, and Conflict once it is rated or reworded meanwhile.
    """
    async with transaction():
        await _own(pilot_id, indicator_id, by=by)
        changed = (
            await Indicator.update({Indicator.name: command.name, Indicator.wording: command.wording})
            .where(Indicator.id == indicator_id, Indicator.wording == command.was)
            .returning(Indicator.id)
        )
        if not changed:
            message = "Somebody else changed this wording while you were writing."
            raise Conflict(
                message, [Finding("wording", "reworded_meanwhile", message, "Take over what you want to keep.")]
            )
        await _record("indicators.reword", indicator_id, {"pilot": pilot_id}, by)


async def withdraw(pilot_id: int, indicator_id: int, *, by: Person) -> None:
    """Take a proposal back, before it is rated. Raises as `reword` does."""
    async with transaction():
        await _own(pilot_id, indicator_id, by=by)
        await Indicator.update({Indicator.withdrawn_at: now()}).where(Indicator.id == indicator_id)
        await _record("indicators.withdraw", indicator_id, {"pilot": pilot_id}, by)


async def changeable(pilot_id: int, permission: Permission, *, by: Person) -> PilotView:
    """The pilot, when the person may do this with it and its indicators are not rated yet; others wait until commit."""
    pilot = await visible_pilot(by, pilot_id)
    require(by, permission, organisation=pilot.organisation, pilot=pilot.id)
    await take_turn(pilot_id)
    must_not_be_rated(await state_of(pilot_id))
    return pilot


async def take_turn(pilot_id: int) -> None:
    """Make everybody else who changes the pilot's indicators or scores wait until this transaction is over."""
    await Pilot.update({Pilot.version: Pilot.version + 0}).where(Pilot.id == pilot_id)


async def _own(pilot_id: int, indicator_id: int, *, by: Person) -> IndicatorView:
    """The indicator, when the person proposed it or holds the round."""
    pilot = await changeable(pilot_id, PROPOSE, by=by)
    found = next((one for one in await indicators_of(pilot_id) if one.id == indicator_id), None)
    if found is None:
        raise NotFound
    if found.proposed_by != by.id:
        require(by, HOLD_ROUND, organisation=pilot.organisation, pilot=pilot_id)
    return found


async def _propose_all(pilot_id: int, proposals: Sequence[Proposal], findings: Sequence[Finding], *, by: Person) -> int:
    async with transaction():
        pilot = await changeable(pilot_id, PROPOSE, by=by)
        return len(await _store(pilot, proposals, findings, by=by))


async def _store(
    pilot: PilotView, proposals: Sequence[Proposal], findings: Sequence[Finding] = (), *, by: Person
) -> list[int]:
    """Enter all of them, or raise Invalid with everything that is wrong with any."""
    codes = [proposal.indicator.code for proposal in proposals]
    rows = await Indicator.select(Indicator.id, Indicator.code, Indicator.withdrawn_at).where(
        Indicator.pilot == pilot.id, Indicator.code.is_in(codes or [""])
    )
    found = [*findings, *(one for proposal in proposals for one in proposal.findings())]
    active = {row["code"] for row in rows if row["withdrawn_at"] is None}
    found += _repeated(proposals, active)
    if found:
        raise Invalid(sorted(found, key=lambda one: one.row or 0))
    withdrawn: Mapping[str, int] = {row["code"]: row["id"] for row in rows}
    ids = [await _enter(pilot.id, proposal, withdrawn.get(proposal.indicator.code), by) for proposal in proposals]
    await _record("indicators.propose", ids[0], {"pilot": pilot.id, "indicators": ids, "codes": codes}, by)
    return ids


def _repeated(proposals: Sequence[Proposal], active: set[str]) -> Iterator[Finding]:
    seen: set[str] = set()
    for proposal in proposals:
        code = proposal.indicator.code
        if code in active:
            yield proposal.taken(
                "taken", "{code} is proposed for this pilot already.", "Leave it out or use another code."
            )
        elif code in seen:
            yield proposal.taken("twice", "{code} is stated twice.", "Each indicator needs a code of its own.")
        seen.add(code)


async def _enter(pilot_id: int, proposal: Proposal, withdrawn: int | None, by: Person) -> int:
    """Insert the proposal, or bring back the withdrawn indicator of the same code as it is stated now."""
    stated = msgspec.structs.asdict(proposal.indicator)
    row = {
        **stated,
        "wording": proposal.indicator.wording or proposal.indicator.name,
        "library": proposal.library,
        "proposed_by": by.id,
        "proposed_at": now(),
        "withdrawn_at": None,
    }
    if withdrawn is not None:
        await Indicator.update(**row).where(Indicator.id == withdrawn)
        return withdrawn
    indicator_id: int = (await Indicator.insert(Indicator(**row, pilot=pilot_id)))[0]["id"]
    return indicator_id


async def _record(action: str, indicator_id: int, content: Mapping[str, object], by: Person) -> None:
    await record(action=action, object_kind="indicator", object_id=indicator_id, content=content, by=by.id)
