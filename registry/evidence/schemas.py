"""What comes in about evidence, and what is shown of it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from effects.message import Message
from registry.evidence.rules import Known
from registry.kit.jobs import JobState, JobView

Share = Annotated[float, Meta(ge=0, le=1)]
Remark = Annotated[str, Meta(max_length=2000)]


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """What the evaluator knows about how a result came about; it holds for every indicator of the plan.

    Shares are of persons, from 0 to 1; an empty share or number is not known.
    """

    blinded: Known = Known.UNKNOWN
    self_report: Known = Known.UNKNOWN
    instruments_differ: Known = Known.UNKNOWN
    changed_after_data: Known = Known.UNKNOWN
    diagnostics_passed: Known = Known.UNKNOWN
    analysed_by_supplier_or_owner: Known = Known.UNKNOWN
    confounders_unmeasured: Annotated[int, Meta(ge=0, le=100)] | None = None
    attrition_treated: Share | None = None
    attrition_control: Share | None = None
    dose: Share | None = None
    contamination: Share | None = None
    remark: Remark = ""


class Published(msgspec.Struct, frozen=True, kw_only=True):
    """A trial published elsewhere: its case file, and where its figures can be looked up."""

    case: Annotated[str, Meta(min_length=1, max_length=200_000)]
    source: Annotated[str, Meta(min_length=3, max_length=2000)]
    remark: Remark = ""


class AssessmentSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment in a list; `analysis_id` and `analysed_by` are empty for a published trial.

    `grading` is how far the job is that grades it. `outdated` says why it no longer counts; `replaced_by` is the newer
    assessment that took its place, if one did.
    """

    id: int
    pilot_id: int
    analysis_id: int | None
    analysed_by: int | None
    source: str
    ruleset: str
    assessed_by: int
    assessor: str
    assessed_at: datetime
    approver: str | None
    approved_at: datetime | None
    graded: bool
    grading: JobState
    outdated: Message | None = None
    replaced_by: int | None = None


class AssessmentList(msgspec.Struct, frozen=True):
    """The assessments of a pilot, newest first, and the results that wait for one."""

    pilot_id: int
    assessments: list[AssessmentSummary]
    results: list[int]


class MissingFact(msgspec.Struct, frozen=True):
    """A fact that the grade waits for, of which indicators, and who can give it."""

    input: str
    title: Message
    indicators: tuple[str, ...]
    supplier: Message


class Raising(msgspec.Struct, frozen=True):
    """What would raise the certainty of some indicators, and the rule that is held against them."""

    rule: str
    title: Message
    remedy: Message
    indicators: tuple[str, ...]


class AssessmentView(msgspec.Struct, frozen=True, kw_only=True):
    """An assessment with its facts, its case file and, once graded, its grade."""

    assessment: AssessmentSummary
    facts: Mapping[str, Any]
    case: str
    remark: str
    job: JobView | None
    grade: Mapping[str, Any] | None
    missing: tuple[MissingFact, ...]
    raising: tuple[Raising, ...]


class Look(msgspec.Struct, frozen=True):
    """A look at a technology, ready to be kept: the case file (TOML), the rule set, and JSON for the page."""

    case: str
    ruleset: str
    result: Mapping[str, Any]


class LookSummary(msgspec.Struct, frozen=True):
    """A look in the list of looks; `decides` where a recommendation followed from it."""

    number: int
    pilots: int
    decides: bool
    made_at: datetime


class Seen(msgspec.Struct, frozen=True):
    """A pilot behind a look; `title` and `pilot_id` are empty for one that is not open to the reader."""

    assessment_id: int | None
    pilot_id: int | None
    title: str | None
    outdated: Message | None


class TechnologyEvidence(msgspec.Struct, frozen=True, kw_only=True):
    """The evidence on a technology at one look, or why there is none to be seen.

    `result` is what the worker kept, without the figures of pilots that are not open to the reader; `chart` the forest
    in the reader's language. `simulated` where any of its pilots is made up; `outdated` says why this look no longer
    counts. `single` are approved assessments that the reader may open while there is no look.
    """

    technology_id: int
    looks: list[LookSummary] = []
    number: int | None = None
    made_at: datetime | None = None
    ruleset: str = ""
    result: Mapping[str, Any] | None = None
    pilots: list[Seen] = []
    chart: str = ""
    simulated: bool = False
    outdated: Message | None = None
    single: list[AssessmentSummary] = []
    job: JobView | None = None
