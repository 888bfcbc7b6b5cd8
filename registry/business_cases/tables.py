"""Business cases of a technology, one version after another."""

from piccolo.columns import ForeignKey, Integer, OnDelete, Serial, Text, Timestamptz
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.kit.personal import NONE, OPINION
from registry.people.tables import Account
from registry.pilots.tables import Technology


class BusinessCase(Table, tablename="business_case"):
    """A version as it was stated; a later one takes its place with a reason and never overwrites it.

    `stated` is the business-case file (TOML), `valuation` JSON that the worker works out of it.
    """

    id: Serial
    technology = ForeignKey(Technology, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    number = Integer(null=False, default=1, help_text=NONE)
    stated = Text(help_text=NONE)
    reason = Text(default="", help_text=OPINION)
    valuation = Text(null=True, default=None, help_text=NONE)
    job = Integer(null=True, default=None, help_text=NONE)
    stated_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    stated_at = Timestamptz(null=False, default=None, help_text=NONE)
    one_number_in_a_technology = Unique([technology, number])
