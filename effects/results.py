"""The answer: frozen records that become the result file; every number is a finite float or None."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from effects.codes import Aggregation, AnalysisRole, DropReason, Estimand, Reason, StandardError, Verdict
from effects.message import Message, worded
from effects.serialize import document

SCHEMA: Final = "virkning-result/1"


@dataclass(frozen=True, slots=True)
class Dropped:
    """Rows left out for one reason."""

    reason: DropReason
    rows: int


@dataclass(frozen=True, slots=True)
class Interval:
    """Confidence limits in the outcome's unit; `method` names the reference distribution."""

    level: float
    low: float
    high: float
    method: Literal["t", "normal"] = "t"


@dataclass(frozen=True, slots=True, kw_only=True)
class EffectEstimate:
    """One estimated effect, in the outcome's unit, positive where the treated have the higher mean."""

    kind: Literal["estimate"] = "estimate"
    outcome: str
    estimand: Estimand
    aggregation: Aggregation
    cohort: float | str | None = None
    period: float | str | None = None
    event_time: int | None = None
    subgroup: Mapping[str, str] | None = None
    estimate: float
    standard_error: float
    standard_error_kind: StandardError
    df: float | None
    analysis: AnalysisRole = AnalysisRole.PRIMARY
    interval: Interval
    p_value: float
    p_adjusted: float | None = None
    p_permutation: float | None = None
    p_bootstrap: float | None = None
    rows: int
    units: int
    clusters: int | None
    estimator: str
    note: tuple[Message, ...] | None = None
    dropped: tuple[Dropped, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class NotEstimable:
    """An effect that was asked for and has no answer: why, in figures, and what would be needed."""

    kind: Literal["not_estimable"] = "not_estimable"
    outcome: str
    estimand: Estimand
    aggregation: Aggregation
    cohort: float | str | None = None
    period: float | str | None = None
    event_time: int | None = None
    subgroup: Mapping[str, str] | None = None
    analysis: AnalysisRole = AnalysisRole.PRIMARY
    reason: Reason
    detail: Message
    needs: Message
    dropped: tuple[Dropped, ...] = ()


Entry = EffectEstimate | NotEstimable


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnostic:
    """A check of an assumption; `null` states in words what the statistic would look like if all were well."""

    name: str
    question: Message
    null: Message
    statistic: float | None
    p_value: float | None
    verdict: Verdict
    detail: Message
    outcome: str | None = None


@dataclass(frozen=True, slots=True)
class PlanIdentity:
    """Which plan was carried out."""

    fingerprint: str
    title: str


@dataclass(frozen=True, slots=True)
class DataIdentity:
    """Which rows were used: `rows` = `rows_used` + the rows of every entry of `dropped`.

    A row counts as used where at least one outcome uses it; each estimate also states its own losses. `content` is None
    where the rows were compressed and not ordered: the digests of the files then stand alone.
    """

    sha256: tuple[str, ...]
    content: str | None
    rows: int
    rows_used: int
    dropped: tuple[Dropped, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AnalysisResult:
    """One run: same plan, data, version and seed give the same bytes."""

    schema: str = SCHEMA
    plan: PlanIdentity
    data: DataIdentity
    effects_version: str
    seed: int | None
    defaults: Mapping[str, object] = field(default_factory=dict)
    estimates: tuple[Entry, ...]
    diagnostics: tuple[Diagnostic, ...]

    def to_dict(self) -> dict[str, object]:
        """The result file as plain values, keys in a fixed order; sentences in English, see `worded`."""
        return worded(self)

    def to_json(self) -> bytes:
        """The result file itself, UTF-8, ending in a newline."""
        return document(self.to_dict())
