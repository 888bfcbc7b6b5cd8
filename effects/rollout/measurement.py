"""The plan file that measures a roll-out in stages as the stepped wedge it is."""

from dataclasses import dataclass, replace
from typing import Final

from effects.codes import Design, Estimand, FixedEffect, StandardError, WorkingModel
from effects.plan import AnalysisPlan
from effects.planning.sections import DataRoles, Inference, Model, Permutation
from effects.rollout.order import Order

DRAWS: Final = 9_999


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns in the rows to come: one row for each place and period."""

    place: str = "municipality"
    period: str = "period"
    treated: str = "treated"
    stage: str = "stage"
    stratum: str = "stratum"


def plan_file(order: Order, measured: AnalysisPlan, *, title: str, columns: Columns | None = None) -> AnalysisPlan:
    """A stepped wedge with the outcomes, indices and multiplicity of a plan that measured them before.

    Places are compared with themselves and with those that have not started (fixed effects of place and period, CR2);
    a permutation test re-draws the stages within strata, as they were drawn. The order's seed seeds it. Raises
    PlanError where the outcomes do not go with this design.
    """
    named = columns or Columns()
    several = len(order.strata) > 1
    return AnalysisPlan(
        title=title,
        design=Design.STEPPED_WEDGE,
        estimand=Estimand.ITT,
        data=DataRoles(
            unit=named.place,
            period=named.period,
            cluster=named.place,
            treated=named.treated,
            sequence=named.stage,
            strata=named.stratum if several else None,
        ),
        outcomes=tuple(replace(outcome, covariates=(), family=None, offset=None) for outcome in measured.outcomes),
        model=Model(working_model=WorkingModel.FIXED_EFFECTS, fixed_effects=(FixedEffect.UNIT, FixedEffect.PERIOD)),
        inference=Inference(standard_error=StandardError.CR2, permutation=Permutation(draws=DRAWS), seed=order.seed),
        multiplicity=measured.multiplicity,
        indices=measured.indices,
    )
