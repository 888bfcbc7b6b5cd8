"""Promised benefits and what became of them; every entry is written once."""

from piccolo.columns import Date, DoublePrecision, ForeignKey, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from registry.analyses.tables import Analysis
from registry.kit.personal import NONE, OPINION
from registry.people.tables import Account, Organisation
from registry.pilots.tables import Pilot


class Benefit(Table, tablename="benefit"):
    """A promise as it was first made; it is never changed. `organisation` is empty for a national benefit."""

    id: Serial
    pilot = ForeignKey(Pilot, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    organisation = ForeignKey(Organisation, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    title = Varchar(length=200, help_text=NONE)
    kind = Varchar(length=30, help_text=NONE)  # benefits.rules.BenefitKind
    unit = Varchar(length=80, help_text=NONE)
    indicator = Varchar(length=60, default="", help_text=NONE)  # code of the agreed indicator it rests on
    promised = DoublePrecision(null=False, default=0.0, help_text=NONE)
    assumptions = Text(default="", help_text=NONE)
    owner = Varchar(length=120, help_text=NONE)  # an office or function, not a person
    due = Date(null=False, default=None, help_text=NONE)
    promised_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    promised_at = Timestamptz(null=False, default=None, help_text=NONE)


class Revision(Table, tablename="benefit_revision"):
    """Another figure or day for a promise, with the reason; the promise itself stands."""

    id: Serial
    benefit = ForeignKey(Benefit, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    expected = DoublePrecision(null=False, default=0.0, help_text=NONE)
    due = Date(null=False, default=None, help_text=NONE)
    reason = Text(help_text=OPINION)
    revised_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    revised_at = Timestamptz(null=False, default=None, help_text=NONE)


class Measurement(Table, tablename="benefit_measurement"):
    """What was measured, with its interval; `analysis` is empty where it was measured outside the registry.

    `outcome` is the column of the analysis that the figure was taken from, and `times` what it was multiplied by.
    """

    id: Serial
    benefit = ForeignKey(Benefit, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    analysis = ForeignKey(Analysis, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    outcome = Text(default="", help_text=NONE)
    times = DoublePrecision(null=False, default=1.0, help_text=NONE)
    measured = DoublePrecision(null=False, default=0.0, help_text=NONE)
    low = DoublePrecision(null=True, default=None, help_text=NONE)
    high = DoublePrecision(null=True, default=None, help_text=NONE)
    source = Text(default="", help_text=NONE)
    measured_on = Date(null=False, default=None, help_text=NONE)
    entered_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    entered_at = Timestamptz(null=False, default=None, help_text=NONE)


class Realisation(Table, tablename="benefit_realisation"):
    """What was taken home, such as in a budget, with what shows it."""

    id: Serial
    benefit = ForeignKey(Benefit, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    realised = DoublePrecision(null=False, default=0.0, help_text=NONE)
    source = Text(help_text=NONE)
    realised_on = Date(null=False, default=None, help_text=NONE)
    entered_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    entered_at = Timestamptz(null=False, default=None, help_text=NONE)
