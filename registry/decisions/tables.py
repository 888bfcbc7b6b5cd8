"""Decisions, their conditions, and the order of a roll-out in stages."""

from piccolo.columns import Boolean, Date, ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from registry.kit.personal import NONE, OPINION
from registry.people.tables import Account
from registry.recommendations.tables import Recommendation


class Decision(Table, tablename="decision"):
    """A decision on a recommendation; one that deviates from the advice carries a reason."""

    id: Serial
    recommendation = ForeignKey(Recommendation, null=False, on_delete=OnDelete.restrict, unique=True, help_text=NONE)
    choice = Varchar(length=30, help_text=NONE)  # decisions.rules.Choice
    deviates = Boolean(default=False, help_text=NONE)
    reason = Text(help_text=OPINION)
    review_on = Date(null=True, default=None, help_text=NONE)
    decided_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    decided_at = Timestamptz(null=False, default=None, help_text=NONE)


class Condition(Table, tablename="condition"):
    """What must hold for the decision, with an owner and a date."""

    id: Serial
    decision = ForeignKey(Decision, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    text = Text(help_text=NONE)
    owner = Varchar(length=120, help_text=NONE)  # an office or function, not a person
    due = Date(null=False, default=None, help_text=NONE)


class StagedRollout(Table, tablename="staged_rollout"):
    """The order in which municipalities start, drawn once; `stages` is JSON, `plan` the plan file (TOML)."""

    id: Serial
    decision = ForeignKey(Decision, null=False, on_delete=OnDelete.restrict, unique=True, help_text=NONE)
    seed = Integer(null=False, default=0, help_text=NONE)
    stages = Text(help_text=NONE)
    plan = Text(help_text=NONE)
    drawn_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    drawn_at = Timestamptz(null=False, default=None, help_text=NONE)
