"""What analyses look like over the wire."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from effects.codes import Verdict
from effects.errors import Finding
from effects.message import Message
from registry.analyses.rules import Meaning
from registry.kit.jobs import JobState, JobView


class Figure(msgspec.Struct, frozen=True):
    """Where an effect stands in the forest plot: in minimal important differences, right is better."""

    estimate: float
    low: float
    high: float


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of a result beside what the plan says of its outcome; numbers in the outcome's own unit.

    `messages` is what the sentences `note`, `detail` and `needs` are made of, by field, to be said in any language.
    """

    outcome: str
    name: str
    role: str
    domain: str
    better: str
    minimal_important: float | None
    aggregation: str
    analysis: str
    subgroup: Mapping[str, str] | None
    cohort: float | str | None = None
    period: float | str | None = None
    event_time: int | None = None
    meaning: Meaning
    estimate: float | None = None
    standard_error: float | None = None
    standard_error_kind: str | None = None
    df: float | None = None
    level: float | None = None
    low: float | None = None
    high: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    p_permutation: float | None = None
    p_bootstrap: float | None = None
    rows: int | None = None
    clusters: int | None = None
    estimator: str | None = None
    note: str | None = None
    reason: str | None = None
    detail: str | None = None
    needs: str | None = None
    messages: Mapping[str, Any] = {}
    figure: Figure | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a check says of one indicator, or of the whole run where that is empty."""

    indicator: str | None
    statistic: float | None
    p_value: float | None
    verdict: Verdict
    messages: Mapping[str, Any]


class Check(msgspec.Struct, frozen=True):
    """A question asked of the data before the effects are read; `verdict` is the worst of its answers."""

    verdict: Verdict
    answers: list[Answer]

    @property
    def remarkable(self) -> list[Answer]:
        """The answers that are not in order."""
        return [answer for answer in self.answers if answer.verdict in (Verdict.WARN, Verdict.FAIL)]


class Retracting(msgspec.Struct, frozen=True):
    """What turned out to be wrong with a result."""

    reason: Annotated[str, Meta(min_length=10, max_length=2_000)]


class AnalysisSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A run in a list. `state` is that of its newest job until there is a result, which stays whatever a rerun does.

    `outdated` says why the result no longer counts: it, its rows or its plan were withdrawn or overtaken. `on_moments`:
    authorities delivered moments, and the rows stayed with them.
    """

    id: int
    pilot_id: int
    plan_id: int
    plan_number: int
    plan_title: str
    dataset_version_id: int
    dataset_version_number: int
    on_moments: bool
    effects_version: str
    seed: int
    result_sha256: str | None
    reruns: int
    requested_by: int
    requester: str
    requested_at: datetime
    finished_at: datetime | None
    state: JobState
    outdated: Message | None


class AnalysisList(msgspec.Struct, frozen=True):
    """The runs of a pilot, newest first, and what keeps the next one from starting."""

    pilot_id: int
    analyses: list[AnalysisSummary]
    obstacles: list[Finding]


class AnalysisView(msgspec.Struct, frozen=True, kw_only=True):
    """A run with its job and, when finished, its result file as it is."""

    analysis: AnalysisSummary
    job: JobView | None
    result: Mapping[str, Any] | None
    checks: list[Check]
    effects: list[Effect]
