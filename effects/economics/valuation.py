"""What a business case is worth, in every figure that stands behind it; the answer of `value`."""

from collections.abc import Mapping
from dataclasses import dataclass

from effects.economics.codes import Input, LineKind, Payer, Scope, Status, Timing
from effects.economics.cost_effectiveness import Acceptable
from effects.economics.discounting import Schedule
from effects.message import Message, spoken

SCHEMA = "virkning-valuation/1"


@dataclass(frozen=True, slots=True)
class LineValue:
    """One line over nation and horizon, discounted: `mean` and `sd` of its contribution, costs negative.

    mean = `units` x `amount` x `effect` (1 without one) x `multiplier` x `haircut` x `years` (discounted years in use).
    `variance_share` is the line's covariance with the net value over its variance; the shares add to 1. `counted` says
    whether the payer belongs to the perspective, `guessed` whether the amount or the volume is a guess. A line that
    cannot be valued says why in `unknown`.
    """

    title: str
    kind: LineKind
    payer: Payer
    timing: Timing
    scope: Scope
    counted: bool
    status: Status | None
    volume_status: Status | None
    guessed: bool
    source: str | None
    indicator: str | None
    units: float | None = None
    amount: float | None = None
    amount_sd: float | None = None
    effect: float | None = None
    effect_sd: float | None = None
    multiplier: float = 1.0
    haircut: float = 1.0
    years: float | None = None
    mean: float | None = None
    sd: float | None = None
    variance_share: float | None = None
    unknown: Message | None = None


@dataclass(frozen=True, slots=True)
class LocalValue:
    """A place's own net value under the predictive distribution of the effects: what a new place can expect."""

    code: str
    name: str
    region: str | None
    size_class: str | None
    mean: float | None = None
    sd: float | None = None
    probability_positive: float | None = None
    unknown: Message | None = None


@dataclass(frozen=True, slots=True)
class ClassValue:
    """The places of one size class: their number, and their local net values taken together.

    `share_positive` is the share of them whose expected local net value is above zero, `mean_probability` the mean of
    their probabilities of that: the share to expect.
    """

    size_class: str
    places: int
    mean: float | None
    sd: float | None
    probability_positive: float | None
    share_positive: float | None
    mean_probability: float | None


@dataclass(frozen=True, slots=True)
class YearValue:
    """A year of the nation: expected net value before and after discounting, and the sum of the latter so far."""

    year: int
    discount_factor: float
    mean: float
    discounted: float
    cumulative: float


@dataclass(frozen=True, slots=True)
class Switching:
    """The value of one input at which the expected net value is zero, all else as it is; None with a reason."""

    kind: Input
    name: str
    now: float
    at: float | None
    reason: Message | None = None


@dataclass(frozen=True, slots=True)
class Curve:
    """The probability of a positive net value if one unit of the line's indicator is worth each threshold exactly."""

    line: str
    points: tuple[Acceptable, ...]


@dataclass(frozen=True, slots=True)
class Simulated:
    """The same net value drawn at random, each figure with its Monte Carlo standard error.

    `agrees` says whether mean, sd and probability of the closed form lie within four of them; the probability, which
    the closed form takes from a normal, has one percentage point more.
    """

    draws: int
    seed: int
    mean: float
    mean_error: float
    sd: float
    sd_error: float
    probability_positive: float
    probability_error: float
    evpi: float
    evpi_error: float
    agrees: bool
    agreement: Message


@dataclass(frozen=True, slots=True)
class Extended:
    """What the stated study is worth before it is made, and what is left of that when it is paid."""

    evsi: float
    cost: float | None
    net: float | None
    measured: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays in its own unit: the mean effect with its 95 % interval, as measured, where an indicator shows it."""

    title: str
    indicator: str | None
    unit: str | None
    note: str | None
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    unknown: Message | None = None


@dataclass(frozen=True, slots=True)
class Valuation:
    """Net present value of a technology for the nation, from the stated perspective, and everything behind it.

    A figure that rests on an input nobody stated is None and named in `unknown`. `evpi` is the most that any further
    knowledge about the whole roll-out can be worth. `guessed_share` is the share of the lines' absolute values that
    rests on guesses. `tornado` orders the lines by their share of the variance.
    """

    technology: str
    major_version: str | None
    title: str
    currency: str
    perspective: str
    payers: tuple[Payer, ...]
    price_year: int
    start_year: int
    horizon_years: int
    phase_in: tuple[float, ...]
    discount: Schedule
    expected_net_value: float | None
    sd: float | None
    probability_positive: float | None
    evpi: float | None
    payback_year: int | None
    guessed_share: float | None
    by_payer: Mapping[Payer, float]
    by_year: tuple[YearValue, ...]
    lines: tuple[LineValue, ...]
    tornado: tuple[str, ...]
    by_place: tuple[LocalValue, ...]
    by_size_class: tuple[ClassValue, ...]
    switching_values: tuple[Switching, ...]
    acceptability: tuple[Curve, ...]
    extension: Extended | None
    simulated: Simulated | None
    unquantified: tuple[Kept, ...]
    assumptions: tuple[Message, ...]
    unknown: tuple[Message, ...]

    @property
    def share_positive_by_size_class(self) -> dict[str, float]:
        """Share of the places of each size class whose expected local net value is positive; known classes only."""
        shares = ((item.size_class, item.share_positive) for item in self.by_size_class)
        return {name: share for name, share in shares if share is not None}

    def economy(self) -> dict[str, object]:
        """The fields of a case's economy that follow from this valuation; what is not known is left out.

        Where simulation and closed form differ the lower probability of a positive net value is given.
        """
        stated: dict[str, object] = {
            "expected_net_value": self.expected_net_value,
            "probability_positive": self._cautious(),
            "share_positive_by_size_class": self._every_class(),
            "evpi": self.evpi,
            "currency": self.currency,
            "perspective": self.perspective,
            "horizon_years": float(self.horizon_years),
            "discount_rate": self.discount.first_rate,
        }
        return {name: value for name, value in stated.items() if value is not None}

    def to_mapping(self) -> dict[str, object]:
        """JSON-ready and finite; every message is its template, what fills it, and the English sentence."""
        return {
            "schema": SCHEMA,
            **spoken(self),
            "share_positive_by_size_class": self.share_positive_by_size_class,
            "economy": self.economy(),
        }

    def _cautious(self) -> float | None:
        if self.simulated is None or self.simulated.agrees or self.probability_positive is None:
            return self.probability_positive
        return min(self.probability_positive, self.simulated.probability_positive)

    def _every_class(self) -> dict[str, float] | None:
        """The shares, if they are known for every place: a rule about each class must not pass on some of them."""
        shares = self.share_positive_by_size_class
        placed = all(place.size_class is not None for place in self.by_place)
        return shares if shares and placed and len(shares) == len(self.by_size_class) else None
