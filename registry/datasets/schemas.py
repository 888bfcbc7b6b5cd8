"""What comes in about uploads, and what is shown of uploads and versions."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Any, Literal

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Meta

from effects.errors import Finding
from registry.datasets.differences import Differences
from registry.datasets.facts import ColumnFacts, Completeness, Gathered
from registry.datasets.files import MOMENTS
from registry.datasets.rules import UploadState, VersionState
from registry.datasets.schema import (
    ColumnType,
    DateFormat,
    DecimalMark,
    Delimiter,
    Encoding,
    FileSchema,
    GroupMark,
)
from registry.datasets.wide import LONGEST_PERIODS
from registry.kit.jobs import JobView
from registry.plans.schemas import PlanSummary

YesNo = Literal["yes", "no"]
Line = Annotated[str, Meta(min_length=3, max_length=300)]


class ColumnRow(msgspec.Struct, frozen=True, kw_only=True):
    """What a person says a column holds. `codes` are separated by commas."""

    name: Annotated[str, Meta(max_length=120)]
    type: ColumnType
    required: YesNo = "no"
    minimum: float | None = None
    maximum: float | None = None
    codes: Annotated[str, Meta(max_length=2_000)] = ""


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """How a file is to be read. A column that is left out is read as the plan proposes; lists by commas.

    `periods` are those of a wide file, empty for a long one.
    """

    delimiter: Delimiter = Delimiter.COMMA
    encoding: Encoding = Encoding.UTF_8
    decimal: DecimalMark = DecimalMark.POINT
    group: GroupMark = GroupMark.NONE
    date_format: DateFormat = DateFormat.ISO
    missing: Annotated[str, Meta(max_length=200)] = "NA"
    one_row: YesNo = "yes"
    periods: Annotated[str, Meta(max_length=LONGEST_PERIODS)] = ""
    columns: tuple[ColumnRow, ...] = ()


class Statement(msgspec.Struct, frozen=True, kw_only=True):
    """What a person states about the rows they send."""

    purpose: Line
    legal_basis: Line
    retain_until: date
    reading: Reading = msgspec.field(default_factory=Reading)


class Offer(Statement, frozen=True, kw_only=True):
    """A file with its statement."""

    file: UploadFile


class Confirmation(msgspec.Struct, frozen=True):
    """How the received file is to be read after all."""

    reading: Reading


class Rejection(msgspec.Struct, frozen=True):
    """Why a version must not be used."""

    reason: Annotated[str, Meta(min_length=10, max_length=2_000)]


class Extending(msgspec.Struct, frozen=True):
    """Until when the rows of a version are needed after all, and why."""

    retain_until: date
    reason: Annotated[str, Meta(min_length=10, max_length=2_000)]


class Deleting(msgspec.Struct, frozen=True):
    """Why the rows of a version go before the promised day."""

    reason: Annotated[str, Meta(min_length=10, max_length=2_000)]


class Withdrawing(msgspec.Struct, frozen=True):
    """What turned out to be wrong with an approved version."""

    reason: Annotated[str, Meta(min_length=10, max_length=2_000)]


class ExtensionView(msgspec.Struct, frozen=True, kw_only=True):
    """A promised day that was put off."""

    was: date
    until: date
    reason: str
    extended_by: str
    extended_at: datetime


class DeletionView(msgspec.Struct, frozen=True, kw_only=True):
    """That rows are gone; without a person and a reason they went on the promised day."""

    reason: str
    deleted_by: str | None
    deleted_at: datetime


class WithdrawalView(msgspec.Struct, frozen=True, kw_only=True):
    """That an approved version turned out to be wrong, and what was wrong with it."""

    reason: str
    withdrawn_by: str
    withdrawn_at: datetime


class UploadView(msgspec.Struct, frozen=True, kw_only=True):
    """A file on its way; `version` is the number it became."""

    id: int
    pilot: int
    plan: int
    filename: str
    size: int
    sha256: str
    schema: Mapping[str, Any]
    state: UploadState
    findings: tuple[Finding, ...]
    purpose: str
    legal_basis: str
    retain_until: date
    uploaded_by: str
    uploaded_at: datetime
    job: JobView | None
    version: int | None

    @property
    def stuck(self) -> bool:
        """Its check broke off, so that nothing more will be found."""
        return self.state is UploadState.CHECKING and self.job is not None and self.job.broke_off


class VersionView(msgspec.Struct, frozen=True, kw_only=True):
    """Rows that were stored. `sha256` of the bytes given, `content` of the stored file; the rows are never shown.

    Completeness and differences are for those who may inspect; a first version differs from nothing. `gathered` says
    whose moments it holds where it holds moments instead of rows. Where there is a `deletion` the rows are gone, and
    everything else stays; where there is a `withdrawal` they must not be used.
    """

    id: int
    pilot: int
    plan: int
    upload: int
    number: int
    state: VersionState
    sha256: str
    content: str
    stored: str
    rows: int
    columns: tuple[ColumnFacts, ...]
    completeness: Completeness | None
    gathered: Gathered | None = None
    differences: Differences | None
    extensions: tuple[ExtensionView, ...]
    deletion: DeletionView | None
    withdrawal: WithdrawalView | None
    purpose: str
    legal_basis: str
    retain_until: date
    uploaded_by: int
    uploader: str
    stored_at: datetime
    approver: str | None
    approved_at: datetime | None
    rejecter: str | None
    rejected_at: datetime | None
    rejected_reason: str

    def outline(self) -> "VersionView":
        """What everybody who sees the pilot may see."""
        return msgspec.structs.replace(self, completeness=None, gathered=None, differences=None)

    @property
    def moments(self) -> bool:
        """Whether it holds moments instead of rows."""
        return self.stored.endswith(MOMENTS)

    def told(self, minimum: int) -> "VersionView":
        """With counts of fewer than `minimum` people withheld."""
        shown = None if self.differences is None else self.differences.told(minimum)
        return msgspec.structs.replace(self, differences=shown)


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """A pilot's rows: what the locked plan asks for, what was sent and what became of it, the newest first."""

    pilot: int
    plan: PlanSummary | None
    schema: Mapping[str, Any] | None
    uploads: tuple[UploadView, ...]
    versions: tuple[VersionView, ...]
    approved: int | None


def proposal(schema: FileSchema) -> Reading:
    """The schema as the fields of the form show it."""
    rows = (
        ColumnRow(
            name=column.name,
            type=column.type,
            required="yes" if column.required else "no",
            minimum=column.minimum,
            maximum=column.maximum,
            codes=", ".join(column.codes),
        )
        for column in schema.columns
    )
    dialect = schema.dialect
    return Reading(
        delimiter=dialect.delimiter,
        encoding=dialect.encoding,
        decimal=dialect.decimal,
        group=dialect.group,
        date_format=dialect.date_format,
        missing=", ".join(text for text in dialect.missing if text),
        one_row="yes" if schema.key else "no",
        periods=", ".join(schema.periods),
        columns=tuple(rows),
    )
