"""Stating business cases; a version is never overwritten."""

import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec
import tomli_w

from effects.economics.business_case import BusinessCase as Case
from effects.economics.business_case import BusinessCaseError
from effects.errors import Finding
from effects.planning.toml_files import parse_toml
from registry.audit.actions import record
from registry.business_cases import checks, forms, queries
from registry.business_cases.rules import JOB, LARGEST_FILE, NOT_OF_A_PILOT, STATE, SUBJECT, VALUED_ALREADY
from registry.business_cases.schemas import Stating
from registry.business_cases.tables import BusinessCase
from registry.kit import jobs
from registry.kit.clock import now
from registry.kit.database import take_turn, transaction
from registry.kit.errors import Conflict, Forbidden, Invalid
from registry.kit.fields import Refused, tidy
from registry.kit.forms import refuse_cpr, text_of
from registry.kit.jobs import JobState
from registry.people.rules import Person, allows
from registry.pilots import queries as pilots
from registry.pilots.schemas import TechnologyView
from registry.pilots.tables import Pilot, Technology

TOO_LARGE = Finding("file", "too_large", "This is too large for a business case.", "Choose another file.")


async def may_state(person: Person, technology_id: int) -> bool:
    """Whether the person leads or evaluates a pilot of the technology."""
    owned = await Pilot.select(Pilot.id, Pilot.organisation).where(Pilot.technology == technology_id)
    return any(allows(person, STATE, organisation=pilot["organisation"], pilot=pilot["id"]) for pilot in owned)


async def require_may_state(person: Person, technology_id: int) -> TechnologyView:
    """The technology. Raises NotFound when there is none, Forbidden unless the person may state its business case."""
    technology = await pilots.technology(person, technology_id)
    if not await may_state(person, technology_id):
        raise Forbidden(NOT_OF_A_PILOT)
    return technology


async def state(technology_id: int, stating: Stating, *, by: Person) -> int:
    """Keep a new version and have the worker value it; returns it.

    Raises NotFound, Forbidden, and Invalid with everything to mend in the case, in what it follows and in the reason.
    """
    technology = await require_may_state(by, technology_id)
    case, text, findings = await _stated(stating, technology)
    async with transaction():
        await take_turn(Technology, technology_id)
        before = await queries.current(technology_id)
        number = before.number if before else 0
        where = "toml" if stating.file is None else "file"
        findings += [*checks.of_version(stating, number), *checks.of_technology(case, technology, where)]
        if findings:
            raise Invalid(findings)
        row = BusinessCase(
            technology=technology_id,
            number=number + 1,
            stated=text,
            reason=stating.reason,
            stated_by=by.id,
            stated_at=now(),
        )
        await row.save()
        await _enqueue(row.id)
        content = {"technology": technology_id, "sha256": hashlib.sha256(text.encode()).hexdigest()}
        await _record("business_cases.state", row.id, content, by)
    return int(row.id)


async def value_anew(case_id: int, *, by: Person) -> None:
    """Have a version valued whose valuation failed. Raises NotFound, Forbidden, Conflict when it is not needed."""
    async with transaction():
        await take_turn(BusinessCase, case_id)
        found = await queries.business_case(case_id)
        await require_may_state(by, found.technology_id)
        if found.valuation is not None or found.state in (JobState.QUEUED, JobState.RUNNING):
            raise Conflict(VALUED_ALREADY)
        await _enqueue(case_id)
        await _record("business_cases.value_anew", case_id, {}, by)


async def value_current(technology_id: int) -> None:
    """Have the version that holds valued by what is known now, inside the caller's transaction; nothing without one."""
    found = await queries.current(technology_id)
    if found is not None:
        await _enqueue(found.id)
        await _record("business_cases.value_anew", found.id, {}, None)


async def store(case_id: int, valuation: Mapping[str, Any]) -> None:
    """Keep what a version is worth; inside the transaction of a job."""
    text = msgspec.json.encode(valuation).decode()
    await BusinessCase.update({BusinessCase.valuation: text}).where(BusinessCase.id == case_id)
    content = {"sha256": hashlib.sha256(text.encode()).hexdigest()}
    await _record("business_cases.value", case_id, content, None)


async def _stated(stating: Stating, technology: TechnologyView) -> tuple[Case | None, str, list[Finding]]:
    """The case that was sent, its text as it was written or as the form says it, and what keeps it from being read."""
    if stating.form is not None:
        mapping, found = forms.stated(stating.form, technology)
        try:
            case = Case.from_mapping(mapping)
        except BusinessCaseError as error:
            return None, "", [*found, *forms.placed(error.findings)]
        return case, tomli_w.dumps(case.to_mapping()), found
    where = "toml" if stating.file is None else "file"
    text = stating.toml if stating.file is None else await _content(stating)
    if not text.strip():
        missing = Finding(where, "missing", "There is no business case.", "Choose the file, or paste its text.")
        return None, "", [missing]
    try:
        return Case.from_mapping(parse_toml(text, "", BusinessCaseError)), text, []
    except BusinessCaseError as error:
        return None, text, [checks.in_file(one, where) for one in error.findings]


async def _content(stating: Stating) -> str:
    """The text of the file. Raises Invalid for one that is too large or no text."""
    assert stating.file is not None
    try:
        text = tidy(await text_of(stating.file, LARGEST_FILE, TOO_LARGE))
    except Refused as refused:
        raise Invalid([refused.finding("file")]) from refused
    refuse_cpr(text)
    return text


async def _enqueue(case_id: int) -> None:
    job = await jobs.enqueue(JOB, subject=SUBJECT.format(case_id), payload={"business_case": case_id})
    await BusinessCase.update({BusinessCase.job: job}).where(BusinessCase.id == case_id)


async def _record(action: str, case_id: int, content: Mapping[str, Any], by: Person | None) -> None:
    await record(
        action=action,
        object_kind="business_case",
        object_id=case_id,
        content=dict(content),
        by=None if by is None else by.id,
    )
