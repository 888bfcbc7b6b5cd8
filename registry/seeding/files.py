"""What lies in `seeds/`, read into frozen records; a file that does not fit its record is refused."""

import csv
import tomllib
from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Literal, TypeVar

import msgspec

from effects.codes import Better, Domain, Role
from registry.business_cases.rules import BenefitKind
from registry.evidence.schemas import Facts
from registry.indicators.rules import Perspective
from registry.kit.resources import folder
from registry.people.rules import OrganisationKind, SizeClass, StakeholderGroup
from registry.people.rules import Role as PersonRole
from registry.pilots.rules import Dpia, Kind
from registry.plans.simulation_schemas import Simulating

Seed = TypeVar("Seed")
OrganisationKey = tuple[OrganisationKind, str]
"""An organisation by kind and code."""


class RegionSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A region; the code is empty while nobody has published it."""

    code: str
    name: str
    valid_from: date
    valid_to: date | None = None
    succeeded_by: str = ""


class MunicipalitySeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A municipality with its inhabitants and size class in the two years the programme reports by."""

    code: str
    name: str
    region_code: str
    population_2016: int
    size_class_2016: SizeClass
    population_2023: int
    size_class_2023: SizeClass


class BodySeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An agency or a school."""

    code: str
    name: str
    simulated: str
    municipality_code: str = ""


class LibrarySeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An indicator of the library in both languages."""

    code: str
    name_da: str
    name_en: str
    perspective: Perspective
    domain: Domain
    better: Better
    unit: str
    wording_da: str
    wording_en: str
    source: str


class MilestoneSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A promised day, fixed or counted from the day of loading."""

    title: str
    due: date | None = None
    due_in: int = 0


class PilotSeed(msgspec.Struct, frozen=True, kw_only=True):
    """What is registered about a pilot. What is left out is not known."""

    title: str
    kind: Kind
    technology: str
    major_version: str
    owner: OrganisationKey
    target_group: str
    purpose: str
    description: str
    sites: list[str] | str
    comparison_sites: list[str] = []
    supplier: str = ""
    technology_version: str = ""
    starts: date | None = None
    ends: date | None = None
    starts_in: int | None = None
    ends_in: int | None = None
    legal_basis: str = ""
    dpia: Dpia = Dpia.UNKNOWN
    milestones: list[MilestoneSeed] = []


class CatalogueSeed(PilotSeed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A pilot that really took place, with the source of its facts."""

    source: str
    precision: str = ""


class IndicatorSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An indicator proposed from the library; a score of 0 is a group that has not rated."""

    code: str
    role: Role
    minimal_important: float
    scores: list[int]
    dissent: dict[StakeholderGroup, str] = {}


class OutcomeSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a simulated indicator is drawn: its level, what a month varies by for no reason, and its true effect."""

    column: str
    mean: float
    scale: float
    effect: float


class SimulationSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A stepped wedge: `waves` of municipalities begin one after another, evenly over the months."""

    seed: int
    months: int
    waves: int
    outcomes: list[OutcomeSeed]


class ConditionSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A condition of a decision."""

    text: str
    owner: str
    due_in: int


class RealisedSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What was taken home of a promise, so many days ago, and what shows it."""

    realised: float
    days_ago: int
    source: str


class BenefitSeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A promise of a pilot and what became of it; `effect` is the outcome that measures it, times `times`."""

    title: str
    kind: BenefitKind
    unit: str
    promised: float
    assumptions: str
    owner: str
    due_in: int
    indicator: str = ""
    revised: float | None = None
    revised_reason: str = ""
    effect: str = ""
    times: float = 1.0
    realised: list[RealisedSeed] = []


class DemoPilotSeed(PilotSeed, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A simulated pilot and how far it is carried; `expected` is what its plan is simulated with before the lock."""

    key: str
    until: str
    indicators: list[IndicatorSeed]
    plan: str = ""
    expected: Simulating | None = None
    unsettled_reason: str = ""
    purpose_of_use: str = ""
    retain_days: int = 365
    decision_reason: str = ""
    review_in: int = 180
    conditions: list[ConditionSeed] = []
    benefits: list[BenefitSeed] = []
    facts: Facts = Facts()
    simulation: SimulationSeed | None = None


class AccountSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A demo account; `everywhere` or only in its own organisation."""

    role: PersonRole
    email: str
    name: str
    organisation: OrganisationKey
    everywhere: bool = True
    group: StakeholderGroup | None = None


class StagesSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a roll-out in stages is drawn: every municipality without the technology takes part."""

    stages: int
    starts_in: int
    months_between: int


class PublishedSeed(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Figures of a pilot as a case file, and how far they are carried; `stages` where the decision is drawn."""

    entry: str
    case: str
    until: Literal["assessed", "approved", "recommended", "decided"]
    source: str
    remark: str = ""
    decision_reason: str = ""
    review_in: int = 180
    conditions: list[ConditionSeed] = []
    stages: StagesSeed | None = None


class BusinessCaseSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The business case of a technology of the demo, as a file."""

    technology: str
    major_version: str
    case: str


class ProgrammeSeed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The demo programme."""

    groups: list[StakeholderGroup]
    account: list[AccountSeed]
    pilot: list[DemoPilotSeed]
    published: list[PublishedSeed]
    business_case: list[BusinessCaseSeed]


def text(name: str) -> str:
    """A seed file as it stands. Raises FileNotFoundError."""
    return (folder("seeds") / name).read_text("utf-8")


def rows(name: str, kind: type[Seed]) -> list[Seed]:
    """The rows of a CSV file; an empty field is left out. Raises msgspec.ValidationError."""
    return [msgspec.convert(row, kind, strict=False) for row in _stated(text(name))]


@cache
def programme() -> ProgrammeSeed:
    """The demo programme."""
    return msgspec.convert(tomllib.loads(text("programme.toml")), ProgrammeSeed)


@cache
def catalogue() -> list[CatalogueSeed]:
    """The pilots that really took place."""
    return msgspec.convert(tomllib.loads(text("catalogue.toml"))["entry"], list[CatalogueSeed])


@cache
def library() -> list[LibrarySeed]:
    """The indicator library."""
    return msgspec.convert(tomllib.loads(text("indicator_library.toml"))["indicator"], list[LibrarySeed])


def _stated(content: str) -> Iterator[dict[str, str]]:
    for row in csv.DictReader(content.splitlines()):
        yield {name: value for name, value in row.items() if value or name == "code"}
