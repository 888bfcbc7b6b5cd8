"""Pilots for the tests of this slice and all later ones."""

from datetime import date
from itertools import count
from typing import Any

from registry.kit.clock import now
from registry.people.queries import organisation
from registry.people.rules import OrganisationKind, Person, Role
from registry.pilots.actions import register
from registry.pilots.rules import Dpia, Kind, Visibility
from registry.pilots.schemas import MilestoneRow, PilotView, Place, Registration
from tests.registry.people.story import an_account, an_organisation

_numbers = count(1)


async def a_lead(organisation: int | None = None, **about: Any) -> Person:
    """A project lead of an organisation (a new one by default)."""
    return await an_account(Role.PROJECT_LEAD, organisation=organisation, **about)


async def code_of(organisation_id: int) -> str:
    """The official code of an organisation."""
    return (await organisation(organisation_id)).code


async def a_registration(lead: Person, **changes: Any) -> Registration:
    """A complete registration of a pilot that runs in the lead's own organisation."""
    stated: dict[str, Any] = {
        "title": "Digital case investigation",
        "kind": Kind.WELFARE_TECHNOLOGY,
        "organisation": lead.organisation,
        "new_technology": f"Case tool {next(_numbers)}",
        "new_major_version": "2",
        "new_supplier": "Supplier A/S",
        "technology_version": "2.4.1",
        "target_group": "Citizens who call the service",
        "starts": date(2026, 1, 1),
        "ends": date(2026, 12, 31),
        "legal_basis": "Serviceloven § 83",
        "dpia": Dpia.DONE,
        "sites": (await code_of(lead.organisation),),
        "milestones": (MilestoneRow(title="Halfway measurement", due=date(2026, 6, 30)),),
    }
    if "technology" in changes:
        stated |= {"new_technology": "", "new_major_version": "", "new_supplier": ""}
    return Registration(**{**stated, **changes})


async def a_pilot(lead: Person | None = None, **changes: Any) -> int:
    """A registered private pilot, owned by the organisation of `lead` (a new lead by default); the answer is its id."""
    owner = lead or await a_lead()
    return await register(await a_registration(owner, **changes), by=owner)


def a_place(code: str = "2000", kind: OrganisationKind = OrganisationKind.MUNICIPALITY) -> Place:
    """An organisation as the checks see it; needs no database."""
    return Place(1, code, f"Testkøbing {code}", kind, "Region Test", "medium", 2016)


def a_view(**changes: Any) -> PilotView:
    """A complete pilot as the checks see it; needs no database."""
    known: dict[str, Any] = {
        "id": 1,
        "title": "Robot vacuum cleaners",
        "kind": Kind.WELFARE_TECHNOLOGY,
        "technology": 4,
        "technology_name": "Robot",
        "major_version": "1",
        "technology_version": "",
        "organisation": 1,
        "organisation_code": "0101",
        "organisation_name": "Testkøbing",
        "target_group": "Citizens in home care",
        "description": "",
        "starts": date(2026, 1, 1),
        "ends": date(2026, 12, 31),
        "legal_basis": "Serviceloven § 83",
        "dpia": Dpia.DONE,
        "visibility": Visibility.PRIVATE,
        "simulated": False,
        "source": "",
        "registered_at": now(),
        "version": 1,
    }
    return PilotView(**{**known, **changes})


async def municipalities(number: int) -> tuple[str, ...]:
    """The codes of so many new municipalities."""
    return tuple([await code_of(await an_organisation()) for _ in range(number)])
