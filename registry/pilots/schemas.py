"""What comes in about pilots, and what is shown of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from effects.errors import Finding
from registry.pilots.rules import Dpia, Kind, Part, Visibility, Weight

Title = Annotated[str, Meta(min_length=3, max_length=200)]
Short = Annotated[str, Meta(max_length=120)]
Line = Annotated[str, Meta(max_length=300)]
Version = Annotated[str, Meta(max_length=20)]
Code = Annotated[str, Meta(max_length=12)]
Key = Annotated[int, Meta(ge=1, le=2**31 - 1)]


class MilestoneRow(msgspec.Struct, frozen=True, kw_only=True):
    """A promised date as typed; a row with neither title nor date is dropped."""

    title: Annotated[str, Meta(max_length=200)] = ""
    due: date | None = None

    @property
    def stated(self) -> bool:
        """Whether anything stands in the row."""
        return bool(self.title) or self.due is not None


class Described(msgspec.Struct, frozen=True, kw_only=True):
    """What a lead states about a pilot, at first and when amending. Sites are given by official code ("0101")."""

    title: Title
    technology: Key | None = None
    technology_version: Annotated[str, Meta(max_length=40)] = ""
    target_group: Line = ""
    description: str = ""
    starts: date | None = None
    ends: date | None = None
    legal_basis: Line = ""
    dpia: Dpia = Dpia.UNKNOWN
    visibility: Visibility = Visibility.PRIVATE
    sites: tuple[Code, ...] = ()
    comparison_sites: tuple[Code, ...] = ()
    milestones: tuple[MilestoneRow, ...] = ()


class Registration(Described, frozen=True, kw_only=True):
    """A new pilot, of a technology already known or of a new one with its major version."""

    kind: Kind
    organisation: Key
    new_technology: Short = ""
    new_major_version: Version = ""
    new_supplier: Short = ""
    new_purpose: Annotated[str, Meta(max_length=2000)] = ""
    simulated: bool = False
    source: Annotated[str, Meta(max_length=2000)] = ""


class Amending(Described, frozen=True, kw_only=True):
    """A pilot as it shall be from now on; `version` is the one the change was made from."""

    version: Key
    weight: Weight
    reason: Annotated[str, Meta(min_length=3, max_length=2000)]


class TechnologyView(msgspec.Struct, frozen=True):
    """A technology; `pilots` counts only those the reader may see."""

    id: int
    name: str
    major_version: str
    description: str = ""
    supplier: str = ""
    pilots: int = 0

    @property
    def label(self) -> str:
        """Name and major version in one line."""
        return f"{self.name} {self.major_version}".strip()


class PilotView(msgspec.Struct, frozen=True):
    """A pilot as registered. Empty texts and dates are facts nobody has stated."""

    id: int
    title: str
    kind: Kind
    technology: int
    technology_name: str
    major_version: str
    technology_version: str
    organisation: int
    organisation_code: str
    organisation_name: str
    target_group: str
    description: str
    starts: date | None
    ends: date | None
    legal_basis: str
    dpia: Dpia
    visibility: Visibility
    simulated: bool
    source: str
    registered_at: datetime
    version: int


class SiteView(msgspec.Struct, frozen=True):
    """A site with its size class and the year that was computed from."""

    organisation: int
    code: str
    name: str
    kind: str
    region: str
    part: Part
    size_class: str | None
    size_class_year: int | None


class MilestoneView(msgspec.Struct, frozen=True):
    """A promised date and, once kept, the day it was."""

    id: int
    title: str
    due: date
    done_at: date | None


class AmendmentView(msgspec.Struct, frozen=True):
    """A change with its reason; `changes` maps a field to what it was and what it became."""

    id: int
    weight: Weight
    reason: str
    changes: Mapping[str, tuple[object, object]]
    amended_by: str
    amended_at: datetime


class PilotRow(msgspec.Struct, frozen=True):
    """A pilot in a list."""

    id: int
    title: str
    kind: Kind
    technology: int
    technology_name: str
    major_version: str
    organisation: int
    organisation_name: str
    starts: date | None
    ends: date | None
    visibility: Visibility
    simulated: bool
    sites: int


class PilotFilter(msgspec.Struct, frozen=True):
    """What a list of pilots is narrowed to; empty narrows nothing."""

    search: str = ""
    kind: Kind | None = None
    technology: int | None = None


class PilotList(msgspec.Struct, frozen=True):
    """One page of the pilots a person may see; `total` counts those and no others."""

    total: int
    page: int
    size: int
    pilots: tuple[PilotRow, ...]


class PilotFacts(msgspec.Struct, frozen=True):
    """Everything registered about one pilot, with the history of its amendments, the newest first.

    `open_questions` are what is not stated yet and will be missed later.
    """

    pilot: PilotView
    sites: tuple[SiteView, ...]
    milestones: tuple[MilestoneView, ...]
    amendments: tuple[AmendmentView, ...]
    open_questions: tuple[Finding, ...]


class Place(msgspec.Struct, frozen=True):
    """An organisation that can be a site."""

    id: int
    code: str
    name: str
    kind: str
    region: str
    size_class: str | None
    size_class_year: int | None
