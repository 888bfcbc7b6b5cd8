"""Assessments of a pilot's result, and what they say together about a technology."""

from piccolo.columns import Boolean, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.analyses.tables import Analysis
from registry.kit.personal import NONE, OPINION
from registry.people.tables import Account
from registry.pilots.tables import Pilot, Technology


class Assessment(Table, tablename="assessment"):
    """An evaluator's stated facts about a result, the case they make up and its grade.

    `analysis` is empty for a published trial, whose figures stand in `case` with their `source`.
    `facts` and `grade` are JSON, `case` is the case file (TOML).
    """

    id: Serial
    pilot = ForeignKey(Pilot, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    analysis = ForeignKey(Analysis, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    source = Text(default="", help_text=NONE)
    facts = Text(default="{}", help_text=NONE)
    case = Text(help_text=NONE)
    ruleset = Varchar(length=20, help_text=NONE)
    grade = Text(null=True, default=None, help_text=NONE)
    remark = Text(default="", help_text=OPINION)
    job = Integer(null=True, default=None, help_text=NONE)
    assessed_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    assessed_at = Timestamptz(null=False, default=None, help_text=NONE)
    approved_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    approved_at = Timestamptz(null=True, default=None, help_text=NONE)


class Synthesis(Table, tablename="synthesis"):
    """The approved evidence on a technology as it stood at one look; a later look never overwrites it.

    `assessments` are the ids it pools (JSON), `case` the pooled case file (TOML), `result` JSON with every estimator.
    `decides` where advice followed from it: looks of that kind are counted when claims are tested.
    """

    id: Serial
    technology = ForeignKey(Technology, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    number = Integer(null=False, default=1, help_text=NONE)
    assessments = Text(help_text=NONE)
    case = Text(help_text=NONE)
    ruleset = Varchar(length=20, help_text=NONE)
    result = Text(null=True, default=None, help_text=NONE)
    decides = Boolean(default=False, help_text=NONE)
    job = Integer(null=True, default=None, help_text=NONE)
    made_at = Timestamptz(null=False, default=None, help_text=NONE)
    one_number_in_a_technology = Unique([technology, number])
