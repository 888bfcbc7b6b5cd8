"""The library, a pilot's indicators, the rating round and the agreed set."""

from piccolo.columns import DoublePrecision, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.kit.personal import NONE, OPINION
from registry.people.tables import Account
from registry.pilots.tables import Pilot


class LibraryIndicator(Table, tablename="library_indicator"):
    """A seeded indicator anybody may propose, in Danish and English, with its source."""

    id: Serial
    code = Varchar(length=60, unique=True, help_text=NONE)
    name_da = Varchar(length=200, help_text=NONE)
    name_en = Varchar(length=200, help_text=NONE)
    perspective = Varchar(length=20, help_text=NONE)  # indicators.rules.Perspective, the four of the field
    domain = Varchar(length=20, help_text=NONE)  # effects.codes.Domain
    better = Varchar(length=10, help_text=NONE)  # effects.codes.Better
    unit = Varchar(length=80, help_text=NONE)
    wording_da = Text(help_text=NONE)
    wording_en = Text(help_text=NONE)
    source = Text(default="", help_text=NONE)


class Indicator(Table, tablename="indicator"):
    """An indicator proposed for one pilot; `code` is its column in the uploaded rows."""

    id: Serial
    pilot = ForeignKey(Pilot, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    library = ForeignKey(LibraryIndicator, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    code = Varchar(length=60, help_text=NONE)
    name = Varchar(length=200, help_text=NONE)
    wording = Text(help_text=NONE)
    domain = Varchar(length=20, help_text=NONE)
    role = Varchar(length=20, help_text=NONE)  # effects.codes.Role
    better = Varchar(length=10, help_text=NONE)
    unit = Varchar(length=80, default="", help_text=NONE)
    minimal_important = DoublePrecision(null=True, default=None, help_text=NONE)
    margin = DoublePrecision(null=True, default=None, help_text=NONE)
    proposed_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    proposed_at = Timestamptz(null=False, default=None, help_text=NONE)
    withdrawn_at = Timestamptz(null=True, default=None, help_text=NONE)
    one_code_in_a_pilot = Unique([pilot, code])


class Round(Table, tablename="rating_round"):
    """A rating round; the first of two."""

    id: Serial
    pilot = ForeignKey(Pilot, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    number = Integer(default=1, help_text=NONE)
    opened_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    opened_at = Timestamptz(null=False, default=None, help_text=NONE)
    closed_at = Timestamptz(null=True, default=None, help_text=NONE)
    one_number_in_a_pilot = Unique([pilot, number])


class Rating(Table, tablename="rating"):
    """One person's score, 1 to 9, of one indicator, for the group they speak for."""

    id: Serial
    round = ForeignKey(Round, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    indicator = ForeignKey(Indicator, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    account = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    stakeholder_group = Varchar(length=20, help_text=NONE)
    score = Integer(null=False, default=0, help_text=OPINION)
    dissent = Text(default="", help_text=OPINION)
    rated_at = Timestamptz(null=False, default=None, help_text=NONE)
    one_score_a_person = Unique([round, indicator, account])


class Agreement(Table, tablename="agreement"):
    """What a closed round made of an indicator, the wording that was rated, and JSON tallies and dissent by group."""

    id: Serial
    round = ForeignKey(Round, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    indicator = ForeignKey(Indicator, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    outcome = Varchar(length=20, help_text=NONE)  # indicators.rules.Outcome
    wording = Text(help_text=NONE)
    tallies = Text(help_text=NONE)
    dissent = Text(help_text=OPINION)
    agreed_at = Timestamptz(null=False, default=None, help_text=NONE)
    once_a_round = Unique([round, indicator])
