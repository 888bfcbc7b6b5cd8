"""What comes in about benefits, and what is shown of them."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from effects.message import Message
from registry.benefits.rules import Light
from registry.business_cases.rules import BenefitKind

Reason = Annotated[str, Meta(min_length=3, max_length=5000)]
Figure = Annotated[float, Meta(ge=-1e15, le=1e15)]


class Promising(msgspec.Struct, frozen=True, kw_only=True):
    """A benefit about to be promised.

    `promised` is the change in `unit`, negative for a decrease; `organisation` empty is a national benefit;
    `indicator` is the code of one of the pilot's indicators; `owner` an office or function, not a person.
    """

    title: Annotated[str, Meta(min_length=3, max_length=200)]
    kind: BenefitKind
    unit: Annotated[str, Meta(min_length=1, max_length=80)]
    promised: Figure
    organisation: int | None = None
    indicator: Annotated[str, Meta(max_length=60)] = ""
    assumptions: Reason
    owner: Annotated[str, Meta(min_length=2, max_length=120)]
    due: date


class Revising(msgspec.Struct, frozen=True, kw_only=True):
    """Another figure or day; what is left out stays as it is expected now."""

    expected: Figure | None = None
    due: date | None = None
    reason: Reason


class Measuring(msgspec.Struct, frozen=True, kw_only=True):
    """A measurement: an effect of an analysis of the pilot by its key, or a figure by hand with its source.

    `times` turns an effect into the unit of the promise, for example the number of citizens. An interval by hand has
    both ends or none.
    """

    effect: Annotated[str, Meta(max_length=160)] = ""
    times: Figure = 1.0
    measured: Figure | None = None
    low: Figure | None = None
    high: Figure | None = None
    measured_on: date | None = None
    source: Annotated[str, Meta(max_length=5000)] = ""


class Realising(msgspec.Struct, frozen=True, kw_only=True):
    """What is taken home so far, in all, with the budget line or document that shows it."""

    realised: Figure
    realised_on: date
    source: Reason


class MeasuredEffect(msgspec.Struct, frozen=True, kw_only=True):
    """An effect of a finished analysis that a measurement can take over; `key` names it in a form."""

    key: str
    analysis_id: int
    outcome: str
    name: str
    estimate: float
    low: float
    high: float
    finished_on: date


class RevisionView(msgspec.Struct, frozen=True):
    """A revision with its reason."""

    expected: float
    due: date
    reason: str
    by: str
    revised_at: datetime


class MeasurementView(msgspec.Struct, frozen=True, kw_only=True):
    """A measurement; `outdated` says why its analysis no longer counts."""

    measured: float
    low: float | None
    high: float | None
    source: str
    analysis: int | None
    outcome: str
    times: float
    measured_on: date
    by: str
    entered_at: datetime
    outdated: Message | None = None


class RealisationView(msgspec.Struct, frozen=True):
    """What was taken home, with what shows it."""

    realised: float
    source: str
    realised_on: date
    by: str
    entered_at: datetime


class Promise(msgspec.Struct, frozen=True, kw_only=True):
    """A promise as it was first made, with everything entered since, each list newest first."""

    id: int
    pilot_id: int
    pilot_title: str
    simulated: bool
    organisation_name: str | None
    title: str
    kind: BenefitKind
    unit: str
    indicator: str
    promised: float
    assumptions: str
    owner: str
    due: date
    promiser: str
    promised_at: datetime
    revisions: tuple[RevisionView, ...] = ()
    measurements: tuple[MeasurementView, ...] = ()
    realisations: tuple[RealisationView, ...] = ()


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a promise stands: the light with its reasons, the share of it that came true, and what comes next.

    `share` is what was realised, else measured, else expected, divided by the first promise; `basis` says which.
    """

    light: Light
    reasons: tuple[Message, ...]
    share: float | None
    basis: str
    duty: Message | None
    duty_on: date | None
    overdue: bool


class BenefitView(msgspec.Struct, frozen=True, kw_only=True):
    """A promise with where it stands and what is expected of it now."""

    promise: Promise
    expected: float
    expected_due: date
    measured: MeasurementView | None
    realised: RealisationView | None
    standing: Standing


class Ledger(msgspec.Struct, frozen=True):
    """The promises of one pilot, the oldest first."""

    pilot_id: int
    benefits: tuple[BenefitView, ...]


class Optimism(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the promises of a kind: the median share that came true, over `counted` promises.

    `factor`, `lowest` and `highest` are None below 3. `realised` of those counted rest on what was realised, the others
    on what was measured; `simulated` of them belong to simulated pilots; `unanswered` fell due with neither and are not
    in the factor.
    """

    kind: BenefitKind
    counted: int
    realised: int
    simulated: int
    unanswered: int
    factor: float | None
    lowest: float | None
    highest: float | None


class Portfolio(msgspec.Struct, frozen=True):
    """Every promise the reader may see, those that ask for attention first, and what became of promises by kind."""

    benefits: tuple[BenefitView, ...]
    optimism: tuple[Optimism, ...]
