"""Uploads being checked and the versions they became."""

from piccolo.columns import BigInt, Date, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.kit.personal import NONE, OPINION
from registry.people.tables import Account, Organisation
from registry.pilots.tables import Pilot
from registry.plans.tables import Plan


class Upload(Table, tablename="upload"):
    """A received file on its way to a version. `schema` and `findings` are JSON; a refused upload keeps no file."""

    id: Serial
    pilot = ForeignKey(Pilot, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    plan = ForeignKey(Plan, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    filename = Varchar(length=200, help_text=NONE)
    size = BigInt(null=False, default=0, help_text=NONE)  # bytes
    sha256 = Varchar(length=64, help_text=NONE)
    schema = Text(help_text=NONE)
    state = Varchar(length=20, help_text=NONE)  # datasets.rules.UploadState
    findings = Text(default="[]", help_text=NONE)
    purpose = Varchar(length=300, help_text=NONE)
    legal_basis = Varchar(length=300, help_text=NONE)
    retain_until = Date(null=False, default=None, help_text=NONE)
    job = Integer(null=True, default=None, help_text=NONE)
    uploaded_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    uploaded_at = Timestamptz(null=False, default=None, help_text=NONE)


class DatasetVersion(Table, tablename="dataset_version"):
    """Immutable rows: Parquet named by its hash; `sha256` of the bytes given, `content` of the stored file."""

    id: Serial
    pilot = ForeignKey(Pilot, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    plan = ForeignKey(Plan, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    upload = ForeignKey(Upload, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    number = Integer(null=False, default=1, help_text=NONE)
    sha256 = Varchar(length=64, help_text=NONE)
    content = Varchar(length=80, help_text=NONE)
    stored = Varchar(length=80, help_text=NONE)  # file name under the state folder
    rows = Integer(null=False, default=0, help_text=NONE)
    columns = Text(help_text=NONE)  # JSON
    completeness = Text(help_text=NONE)  # JSON: counts by unit and period
    uploaded_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    stored_at = Timestamptz(null=False, default=None, help_text=NONE)
    approved_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    approved_at = Timestamptz(null=True, default=None, help_text=NONE)
    rejected_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    rejected_at = Timestamptz(null=True, default=None, help_text=NONE)
    rejected_reason = Text(default="", help_text=OPINION)
    one_number_in_a_pilot = Unique([pilot, number])
    one_content_in_a_pilot = Unique([pilot, content])


class Contribution(Table, tablename="dataset_contribution"):
    """A delivery that a version of moments holds; `gone_at` is when it was replaced or deleted, and counts no more."""

    id: Serial
    version = ForeignKey(DatasetVersion, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    delivery = Integer(null=False, default=0, help_text=NONE)  # deliveries.tables.Delivery
    authority = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    sent_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    gone_at = Timestamptz(null=True, default=None, help_text=NONE)


class Comparison(Table, tablename="dataset_comparison"):
    """What differs between a version and the one before it, counted when it was checked."""

    id: Serial
    version = ForeignKey(DatasetVersion, null=False, on_delete=OnDelete.restrict, unique=True, help_text=NONE)
    differences = Text(help_text=NONE)  # JSON of datasets.differences.Differences, nothing withheld


class Extension(Table, tablename="dataset_extension"):
    """A later day for the rows of a version to go, and why; the day itself stands at the upload."""

    id: Serial
    version = ForeignKey(DatasetVersion, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    was = Date(null=False, default=None, help_text=NONE)
    until = Date(null=False, default=None, help_text=NONE)
    reason = Text(help_text=OPINION)
    extended_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    extended_at = Timestamptz(null=False, default=None, help_text=NONE)


class Deletion(Table, tablename="dataset_deletion"):
    """That the rows of a version are gone; without a person they went on the day that was promised."""

    id: Serial
    version = ForeignKey(DatasetVersion, null=False, on_delete=OnDelete.restrict, unique=True, help_text=NONE)
    reason = Text(default="", help_text=OPINION)
    deleted_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    deleted_at = Timestamptz(null=False, default=None, help_text=NONE)


class Withdrawal(Table, tablename="dataset_withdrawal"):
    """That approved rows turned out to be wrong, and why; whatever rests on them is outdated and stays readable."""

    id: Serial
    version = ForeignKey(DatasetVersion, null=False, on_delete=OnDelete.restrict, unique=True, help_text=NONE)
    reason = Text(help_text=OPINION)
    withdrawn_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    withdrawn_at = Timestamptz(null=False, default=None, help_text=NONE)
