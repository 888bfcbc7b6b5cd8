"""What comes in about moments files, and what is shown of what authorities delivered."""

from datetime import date, datetime
from typing import Annotated

import msgspec
from litestar.datastructures import UploadFile
from msgspec import Meta

from effects.errors import Finding
from effects.message import Message
from registry.datasets.facts import Shared
from registry.datasets.rules import UploadState
from registry.datasets.schemas import Line
from registry.deliveries.rules import MOST_FILES
from registry.kit.jobs import JobView
from registry.pilots.rules import Part
from registry.plans.schemas import PlanSummary


class Stated(msgspec.Struct, frozen=True, kw_only=True):
    """What a person states about the moments they send, as about rows."""

    purpose: Line
    legal_basis: Line
    retain_until: date


class Offer(Stated, frozen=True, kw_only=True):
    """Moments files with their statement."""

    files: Annotated[tuple[UploadFile, ...], Meta(min_length=1, max_length=MOST_FILES)]


class SentFile(msgspec.Struct, frozen=True):
    """A file as it was sent; `name` tells it apart from the others."""

    name: str
    size: int
    sha256: str


class SendingView(msgspec.Struct, frozen=True, kw_only=True):
    """Files that were sent at once, and everything that was found in them."""

    id: int
    pilot: int
    plan: int
    files: tuple[SentFile, ...]
    state: UploadState
    findings: tuple[Finding, ...]
    purpose: str
    legal_basis: str
    retain_until: date
    sent_by: str
    sent_at: datetime
    job: JobView | None

    @property
    def stuck(self) -> bool:
        """Its check broke off, so that nothing more will be found."""
        return self.state is UploadState.CHECKING and self.job is not None and self.job.broke_off


class DeliverySummary(msgspec.Struct, frozen=True, kw_only=True):
    """One authority's moments; `replaced_by` is the delivery that counts in its place, with its sender and moment."""

    id: int
    pilot: int
    plan: int
    sending: int
    authority: int
    code: str
    name: str
    filename: str
    size: int
    sha256: str
    shared: Shared
    purpose: str
    legal_basis: str
    retain_until: date
    sender: int
    sent_by: str
    stored_at: datetime
    deleted_at: datetime | None
    deleted_by: str | None
    deleted_reason: str
    replaced_by: int | None
    replacer: str | None
    replaced_at: datetime | None


class DeliveryView(DeliverySummary, frozen=True, kw_only=True):
    """A delivery with its cover sheet: line by line what left the house."""

    sheet: tuple[Message, ...]


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """An authority that takes part in the pilot, and the delivery of it that counts, if there is one."""

    code: str
    name: str
    part: Part
    delivery: DeliverySummary | None

    @property
    def shared(self) -> Shared | None:
        """What stands behind its moments."""
        return None if self.delivery is None else self.delivery.shared


class Deliveries(msgspec.Struct, frozen=True, kw_only=True):
    """What the authorities of a pilot have delivered for its locked plan.

    `replaced` are deliveries that no longer count; `sendings` the files that were sent, the newest first.
    """

    pilot: int
    plan: PlanSummary | None
    expected: tuple[Expected, ...]
    replaced: tuple[DeliverySummary, ...]
    sendings: tuple[SendingView, ...]

    @property
    def delivered(self) -> tuple[Expected, ...]:
        """The authorities whose moments are here."""
        return tuple(one for one in self.expected if one.delivery is not None)

    @property
    def missing(self) -> tuple[Expected, ...]:
        """The authorities whose moments are not."""
        return tuple(one for one in self.expected if one.delivery is None)


class Manifest(msgspec.Struct, frozen=True):
    """What was there when somebody asked for it to be gathered: ids of deliveries, and names of who was missing."""

    deliveries: tuple[int, ...]
    missing: tuple[str, ...]
