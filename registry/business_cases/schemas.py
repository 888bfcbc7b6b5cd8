"""What comes in about business cases, and what is shown of them."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Meta

from effects.codes import Better
from effects.economics.codes import LineKind, Payer, Scope, Status, Timing
from registry.business_cases.rules import BenefitKind
from registry.kit.jobs import JobState

Short = Annotated[str, Meta(max_length=120)]
Long = Annotated[str, Meta(max_length=2_000)]
Toml = Annotated[str, Meta(max_length=200_000)]
Reason = Annotated[str, Meta(max_length=2_000)]


class VolumeRow(msgspec.Struct, frozen=True, kw_only=True):
    """How many there are of something per 1,000 inhabitants; low and high empty is an exact figure."""

    name: Short = ""
    title: Short = ""
    low: float | None = None
    likely: float | None = None
    high: float | None = None
    status: Status | None = None
    source: Long = ""


class LineRow(msgspec.Struct, frozen=True, kw_only=True):
    """A cost or a benefit as typed; what a line needs is said by the business case itself, all at once."""

    title: Short = ""
    kind: LineKind | None = None
    payer: Payer | None = None
    timing: Timing | None = None
    scope: Scope | None = None
    volume: Short = ""
    low: float | None = None
    likely: float | None = None
    high: float | None = None
    status: Status | None = None
    benefit_kind: BenefitKind | None = None
    indicator: Short = ""
    better: Better | None = None
    multiplier: float | None = None
    source: Long = ""


class KeptRow(msgspec.Struct, frozen=True, kw_only=True):
    """A benefit or drawback that stays in its own unit."""

    title: Short = ""
    indicator: Short = ""
    unit: Short = ""
    note: Long = ""


class Factors(msgspec.Struct, frozen=True, kw_only=True):
    """What the benefits of a kind are multiplied by, because such benefits have been promised too high."""

    economy: float | None = None
    working_time: float | None = None
    quality: float | None = None
    working_environment: float | None = None
    safety: float | None = None
    climate_and_environment: float | None = None


class CaseForm(msgspec.Struct, frozen=True, kw_only=True):
    """The form: what most business cases state.

    `phase_in` are percentages of the nation year by year, parted by spaces or semicolons; `optimism` is by kind of
    benefit what its lines are multiplied by. Without a discount rate the one in force on `stated_on` holds.
    """

    title: Short = ""
    currency: Short = ""
    perspective: Short = ""
    price_year: int | None = None
    start_year: int | None = None
    horizon_years: int | None = None
    stated_on: date | None = None
    payers: tuple[Payer, ...] = ()
    phase_in: Short = ""
    discount_rate: float | None = None
    optimism: Factors = Factors()
    volumes: Annotated[list[VolumeRow], Meta(max_length=50)] = []
    lines: Annotated[list[LineRow], Meta(max_length=200)] = []
    unquantified: Annotated[list[KeptRow], Meta(max_length=50)] = []


class Stating(msgspec.Struct, frozen=True, kw_only=True):
    """A version in one of three ways: the file, its text, or the form. `after` is the number of the version it follows.

    `reason` says why the one before no longer holds. `more` asks for more empty rows instead of keeping anything.
    """

    file: UploadFile | None = None
    toml: Toml = ""
    form: CaseForm | None = None
    after: int = 0
    reason: Reason = ""
    more: bool = False


class VersionSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A version in a list, with the reason it was stated for."""

    id: int
    number: int
    reason: str
    stater: str
    stated_at: datetime


class BusinessCaseView(msgspec.Struct, frozen=True, kw_only=True):
    """A version as it was stated (the file's text), and what it is worth once the worker has valued it.

    `closed`: its worth rests on pilots none of which is open to the reader, and is left out.
    """

    id: int
    technology_id: int
    number: int
    current: bool
    stated: str
    reason: str
    stater: str
    stated_at: datetime
    valuation: Mapping[str, Any] | None
    state: JobState
    closed: bool = False


class CasePage(msgspec.Struct, frozen=True, kw_only=True):
    """The version that is read, None before the first, and all versions of the technology, newest first."""

    technology_id: int
    case: BusinessCaseView | None
    versions: list[VersionSummary]
