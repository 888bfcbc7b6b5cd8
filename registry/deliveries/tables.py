"""Files of moments that were sent together, and what each authority has delivered."""

from piccolo.columns import Date, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from registry.kit.personal import NONE, OPINION
from registry.people.tables import Account, Organisation
from registry.pilots.tables import Pilot
from registry.plans.tables import Plan


class Sending(Table, tablename="moments_sending"):
    """Moments files sent at once: all of them are taken in, or none. `files` and `findings` are JSON."""

    id: Serial
    pilot = ForeignKey(Pilot, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    plan = ForeignKey(Plan, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    files = Text(help_text=NONE)  # deliveries.schemas.SentFile
    state = Varchar(length=20, help_text=NONE)  # datasets.rules.UploadState
    findings = Text(default="[]", help_text=NONE)
    purpose = Varchar(length=300, help_text=NONE)
    legal_basis = Varchar(length=300, help_text=NONE)
    retain_until = Date(null=False, default=None, help_text=NONE)
    job = Integer(null=True, default=None, help_text=NONE)
    sent_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    sent_at = Timestamptz(null=False, default=None, help_text=NONE)


class Delivery(Table, tablename="moments_delivery"):
    """One authority's moments file, to the byte until it is deleted; the newest of an authority is the one that counts.

    `shared` is JSON of what stands behind it, `sheet` its cover sheet, line by line.
    """

    id: Serial
    sending = ForeignKey(Sending, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    plan = ForeignKey(Plan, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    authority = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    filename = Varchar(length=200, help_text=NONE)
    size = Integer(null=False, default=0, help_text=NONE)  # bytes
    sha256 = Varchar(length=64, help_text=NONE)
    content = Text(null=True, default=None, help_text=NONE)  # the file; None when it is deleted
    shared = Text(help_text=NONE)  # datasets.facts.Shared
    sheet = Text(help_text=NONE)
    stored_at = Timestamptz(null=False, default=None, help_text=NONE)
    deleted_at = Timestamptz(null=True, default=None, help_text=NONE)
    deleted_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    deleted_reason = Text(default="", help_text=OPINION)
