"""Technologies, pilots, their sites, milestones and amendments."""

from piccolo.columns import Boolean, Date, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.kit.personal import NONE, OPINION
from registry.people.tables import Account, Organisation


class Technology(Table, tablename="technology"):
    """What a recommendation is about: a technology in one major version."""

    id: Serial
    name = Varchar(length=120, help_text=NONE)
    major_version = Varchar(length=20, help_text=NONE)
    description = Text(default="", help_text=NONE)
    supplier = Varchar(length=120, default="", help_text=NONE)
    one_of_a_name_and_version = Unique([name, major_version])


class Pilot(Table, tablename="pilot"):
    """A welfare-technology pilot or an IT-in-schools evaluation. Facts nobody knows stay empty."""

    id: Serial
    title = Varchar(length=200, help_text=NONE)
    kind = Varchar(length=30, help_text=NONE)  # pilots.rules.Kind
    technology = ForeignKey(Technology, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    technology_version = Varchar(length=40, default="", help_text=NONE)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, help_text=NONE)  # who owns it
    target_group = Varchar(length=300, default="", help_text=NONE)
    description = Text(default="", help_text=NONE)
    starts = Date(null=True, default=None, help_text=NONE)
    ends = Date(null=True, default=None, help_text=NONE)
    legal_basis = Varchar(length=300, default="", help_text=NONE)
    dpia = Varchar(length=20, default="unknown", help_text=NONE)  # pilots.rules.Dpia
    visibility = Varchar(length=20, default="private", help_text=NONE)  # pilots.rules.Visibility
    simulated = Boolean(default=False, help_text=NONE)
    source = Text(default="", help_text=NONE)  # where a catalogue entry's facts come from
    registered_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    registered_at = Timestamptz(null=False, default=None, help_text=NONE)
    version = Integer(default=1, help_text=NONE)


class Site(Table, tablename="site"):
    """Where a pilot runs, or where it is compared. The size class is kept with the year it was computed from."""

    id: Serial
    pilot = ForeignKey(Pilot, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    organisation = ForeignKey(Organisation, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    part = Varchar(length=20, help_text=NONE)  # pilots.rules.Part: intervention | comparison
    size_class = Varchar(length=10, null=True, default=None, help_text=NONE)
    size_class_year = Integer(null=True, default=None, help_text=NONE)
    once_in_a_pilot = Unique([pilot, organisation])


class Milestone(Table, tablename="milestone"):
    """A promised date."""

    id: Serial
    pilot = ForeignKey(Pilot, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    title = Varchar(length=200, help_text=NONE)
    due = Date(null=False, default=None, help_text=NONE)
    done_at = Date(null=True, default=None, help_text=NONE)


class Amendment(Table, tablename="amendment"):
    """A change of a registered pilot with its reason; `changes` is JSON: field -> [before, after]."""

    id: Serial
    pilot = ForeignKey(Pilot, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    weight = Varchar(length=10, help_text=NONE)  # pilots.rules.Weight: minor | major
    reason = Text(help_text=OPINION)
    changes = Text(help_text=NONE)
    amended_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    amended_at = Timestamptz(null=False, default=None, help_text=NONE)
