"""What can be wrong with a pilot as stated (errors) and what is still open once it is registered (warnings). Pure."""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Final

from effects.errors import Finding
from registry.people.rules import OrganisationKind
from registry.pilots.rules import GRANT_MUNICIPALITIES, GRANT_REGIONS, MAJOR_FIELDS, Dpia, Kind, Part, Weight
from registry.pilots.schemas import Amending, Described, PilotView, Place, Registration, SiteView

EARLIEST: Final = date(1990, 1, 1)
LATEST: Final = date(2100, 12, 31)


def registration(command: Registration, places: Mapping[str, Place], *, catalogue: bool = False) -> list[Finding]:
    """Everything that keeps a pilot from being registered; `places` are the organisations that exist, by code.

    A catalogue entry is taken from what was published, so its sites may be unknown.
    """
    return [*described(command, places, sites_known=not catalogue), *_technology(command)]


def amendment(command: Amending, places: Mapping[str, Place], changed: Collection[str]) -> list[Finding]:
    """Everything that keeps a change from being saved; `changed` names the fields that it touches."""
    findings = described(command, places)
    if command.technology is None:
        findings.append(Finding("technology", "missing", "This is missing.", "Choose the technology."))
    if not changed:
        findings.append(
            Finding("title", "unchanged", "Nothing is changed.", "Change what is to be amended, or leave the page.")
        )
    if command.weight is Weight.MINOR and MAJOR_FIELDS & set(changed):
        findings.append(
            Finding(
                "weight",
                "not_minor",
                "A change of technology or sites changes what is evaluated and is a major amendment.",
                "Choose major.",
            )
        )
    return findings


def described(command: Described, places: Mapping[str, Place], *, sites_known: bool = True) -> list[Finding]:
    """What is wrong with the period, the sites and the milestones, all at once."""
    found = [*_period(command.starts, command.ends), *_sites(command, places), *_milestones(command)]
    return found if sites_known else [finding for finding in found if finding.code != "no_site"]


def _period(starts: date | None, ends: date | None) -> Iterator[Finding]:
    for where, day in (("starts", starts), ("ends", ends)):
        if day is not None and not EARLIEST <= day <= LATEST:
            yield Finding(where, "unlikely_date", "The year is not believable.", "Write a date from 1990 to 2100.")
    if starts and ends and ends < starts:
        yield Finding("ends", "ends_before_start", "The pilot ends before it starts.", "Correct one of the two dates.")


def _sites(command: Described, places: Mapping[str, Place]) -> Iterator[Finding]:
    if not command.sites:
        yield Finding("sites", "no_site", "The pilot has no site.", "Choose at least one place where it runs.")
    for where, codes in (("sites", command.sites), ("comparison_sites", command.comparison_sites)):
        for code in sorted(set(codes) - set(places)):
            yield Finding(
                where,
                "unknown_organisation",
                "There is no municipality, region or school with the code {code}.",
                "Write the official code, zeros included, for example 0101.",
                {"code": code},
            )
    for code in sorted(set(command.sites) & set(command.comparison_sites) & set(places)):
        yield Finding(
            "comparison_sites",
            "site_twice",
            "{name} is chosen both as a place where the pilot runs and as a comparison.",
            "Keep one of the two.",
            {"name": places[code].name},
        )


def _milestones(command: Described) -> Iterator[Finding]:
    for number, row in enumerate(command.milestones):
        if not row.stated:
            continue
        if not row.title:
            yield Finding(f"milestones.{number}.title", "missing", "The milestone has no title.", "Say what is due.")
        if row.due is None:
            yield Finding(f"milestones.{number}.due", "missing", "The milestone has no date.", "Write when it is due.")
        elif (command.starts and row.due < command.starts) or (command.ends and row.due > command.ends):
            yield Finding(
                f"milestones.{number}.due",
                "outside_period",
                "The milestone lies outside the period of the pilot.",
                "Move the milestone, or correct the period.",
            )


def _technology(command: Registration) -> Iterator[Finding]:
    named = bool(command.new_technology or command.new_major_version)
    if command.technology is not None and named:
        yield Finding(
            "new_technology",
            "technology_twice",
            "Both a known and a new technology are stated.",
            "Keep one of the two: choose from the list, or describe a new one.",
        )
    if command.technology is None and not named:
        yield Finding(
            "technology", "missing", "The technology is missing.", "Choose one from the list, or describe a new one."
        )
    if command.technology is None and named:
        for where, value in (
            ("new_technology", command.new_technology),
            ("new_major_version", command.new_major_version),
        ):
            if not value:
                yield Finding(where, "missing", "A new technology needs a name and a major version.", "Fill it in.")


def open_questions(pilot: PilotView, sites: Collection[SiteView]) -> tuple[Finding, ...]:
    """What is not stated yet and will be missed later. None of it keeps the pilot from going on."""
    return tuple(
        Finding(where, code, message, remedy, severity="warning")
        for where, code, message, remedy in _open(pilot, sites)
    )


def _open(pilot: PilotView, sites: Collection[SiteView]) -> Iterator[tuple[str, str, str, str]]:
    if not (pilot.starts and pilot.ends):
        yield "starts", "no_period", "The period is not stated.", "Write when the pilot starts and ends."
    if not pilot.target_group:
        yield "target_group", "no_target_group", "The target group is not stated.", "Say whom the pilot is for."
    if not pilot.legal_basis:
        yield (
            "legal_basis",
            "no_legal_basis",
            "The legal basis is not stated. Without it a roll-out cannot be recommended (gate G6).",
            "Name the legal basis for the personal data.",
        )
    if pilot.dpia is Dpia.UNKNOWN:
        yield (
            "dpia",
            "dpia_unknown",
            "The state of the impact assessment on data protection is not stated (gate G6).",
            "State whether it is needed, planned or done.",
        )
    if pilot.dpia is Dpia.PLANNED:
        yield (
            "dpia",
            "dpia_planned",
            "The impact assessment on data protection is planned but not done.",
            "Finish it before personal data are uploaded.",
        )
    if not any(site.part is Part.COMPARISON for site in sites):
        yield (
            "comparison_sites",
            "no_comparison",
            "There is no comparison site. The effect then rests on who starts when, or on before and after.",
            "Name comparison sites where the design needs them.",
        )
    if pilot.kind is Kind.WELFARE_TECHNOLOGY and not _large_enough(sites):
        yield (
            "sites",
            "below_grant_size",
            "The pilot runs in fewer than six municipalities or two regions, which a programme grant asks for.",
            "Add sites, or be prepared for weaker advice.",
        )


def _large_enough(sites: Collection[SiteView]) -> bool:
    kinds = [site.kind for site in sites if site.part is Part.INTERVENTION]
    return (
        kinds.count(OrganisationKind.MUNICIPALITY) >= GRANT_MUNICIPALITIES
        or kinds.count(OrganisationKind.REGION) >= GRANT_REGIONS
    )
