"""Recommendations and what they rest on."""

from piccolo.columns import ForeignKey, OnDelete, Serial, Text, Timestamptz, Varchar
from piccolo.constraints import Unique
from piccolo.table import Table

from registry.business_cases.tables import BusinessCase
from registry.evidence.tables import Assessment, Synthesis
from registry.kit.personal import NONE
from registry.people.tables import Account
from registry.pilots.tables import Technology


class Recommendation(Table, tablename="recommendation"):
    """Advice about a technology, asked for on one assessment; `advice` is JSON with every reason, gate and unknown."""

    id: Serial
    technology = ForeignKey(Technology, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    assessment = ForeignKey(Assessment, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    ruleset = Varchar(length=20, help_text=NONE)
    kind = Varchar(length=30, help_text=NONE)  # effects.recommendation.Kind
    rule = Varchar(length=10, help_text=NONE)  # the rule that fired
    advice = Text(help_text=NONE)
    issued_by = ForeignKey(Account, null=False, on_delete=OnDelete.restrict, help_text=NONE)
    issued_at = Timestamptz(null=False, default=None, help_text=NONE)
    one_an_assessment = Unique([assessment])


class Basis(Table, tablename="recommendation_basis"):
    """What a recommendation rests on beyond its assessment: the look at all pilots, and the business case.

    `valuation` is JSON: the business case valued with the effects that this recommendation rests on.
    """

    id: Serial
    recommendation = ForeignKey(Recommendation, null=False, on_delete=OnDelete.restrict, unique=True, help_text=NONE)
    synthesis = ForeignKey(Synthesis, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    business_case = ForeignKey(BusinessCase, null=True, on_delete=OnDelete.restrict, help_text=NONE)
    valuation = Text(null=True, default=None, help_text=NONE)
