"""Analysis plans, and the simulations they were judged by before they were locked."""

from typing import Any

from piccolo.columns import ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.kit.personal import NONE, OPINION
from registry.people.tables import Account
from registry.pilots.tables import Pilot


class Plan(Table, tablename="plan"):
    """A plan file; a draft while `locked_at` is empty. What is locked never changes; a later one supersedes it."""

    id: Serial
    pilot = ForeignKey(Pilot, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    number = Integer(null=False, default=1, help_text=NONE)
    title = Varchar(length=200, help_text=NONE)
    toml = Text(help_text=NONE)
    fingerprint = Varchar(length=80, help_text=NONE)
    agreement = Text(default="{}", help_text=NONE)  # JSON, written at lock: who agreed, when, to which wording
    supersedes: ForeignKey[Any] = ForeignKey("self", null=True, on_delete=OnDelete.restrict, help_text=NONE)
    superseded_reason = Text(default="", help_text=OPINION)
    drafted_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    drafted_at = Timestamptz(null=False, default=None, help_text=NONE)
    locked_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    locked_at = Timestamptz(null=True, default=None, help_text=NONE)
    version = Integer(default=1, help_text=NONE)
    one_number_in_a_pilot = Unique([pilot, number])


class Simulation(Table, tablename="decision_simulation"):
    """What a plan would probably lead to under truths that were named; `request` and `result` are JSON.

    `seen_by` locked the plan with it on the page, for `unsettled_reason` where it promises to settle little.
    """

    id: Serial
    plan = ForeignKey(Plan, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    fingerprint = Varchar(length=80, help_text=NONE)  # of the plan that was simulated
    request = Text(help_text=NONE)
    result = Text(null=True, default=None, help_text=NONE)
    job = Integer(null=True, default=None, help_text=NONE)
    requested_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    requested_at = Timestamptz(null=False, default=None, help_text=NONE)
    seen_by = ForeignKey(Account, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    seen_at = Timestamptz(null=True, default=None, help_text=NONE)
    unsettled_reason = Text(default="", help_text=OPINION)
