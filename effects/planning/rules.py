"""What each design needs and allows: the table that plan checks read."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from effects.codes import Aggregation, Design, Estimand, Estimator, FixedEffect, StandardError

RANDOMISED: Final = frozenset({Estimand.ITT, Estimand.ATE, Estimand.CACE})
COMPARED: Final = frozenset({Estimand.ATT, Estimand.ITT})
HETEROSKEDASTIC: Final = frozenset({StandardError.IID, StandardError.HC1, StandardError.HC2, StandardError.HC3})
CLUSTERED: Final = frozenset(
    {StandardError.CR0, StandardError.CR1, StandardError.CR1S, StandardError.CR2, StandardError.CR3}
)


HEADLINES: Final = frozenset(
    {Aggregation.OVERALL, Aggregation.SIMPLE, Aggregation.LEVEL_CHANGE, Aggregation.SLOPE_CHANGE}
)
"""The aggregations that carry an outcome's claim; the others say where and when the effect arose."""


@dataclass(frozen=True, slots=True)
class DesignRules:
    """One design: columns it needs (any one of each inner tuple), and the choices it knows."""

    needs: tuple[tuple[str, ...], ...]
    estimands: frozenset[Estimand]
    standard_errors: frozenset[StandardError]
    model_keys: frozenset[str] = frozenset()
    estimators: frozenset[Estimator] = frozenset()
    fixed_effects: frozenset[FixedEffect] = frozenset()


_SERIES = DesignRules(
    needs=(("period",), ("start",)),
    estimands=COMPARED,
    standard_errors=HETEROSKEDASTIC | {StandardError.NEWEY_WEST, StandardError.MODEL_BASED},
    model_keys=frozenset({"harmonics", "period_length", "change"}),
)

RULES: Final[Mapping[Design, DesignRules]] = MappingProxyType(
    {
        Design.INDIVIDUAL_RANDOMISED: DesignRules(
            needs=(("treated",),),
            estimands=RANDOMISED,
            standard_errors=HETEROSKEDASTIC | CLUSTERED,
            model_keys=frozenset({"estimator"}),
            estimators=frozenset({Estimator.DIFFERENCE_IN_MEANS, Estimator.LIN}),
        ),
        Design.CLUSTER_RANDOMISED: DesignRules(
            needs=(("treated",), ("cluster", "unit")),
            estimands=RANDOMISED,
            standard_errors=CLUSTERED | {StandardError.MODEL_BASED},
            model_keys=frozenset({"fixed_effects"}),
            fixed_effects=frozenset({FixedEffect.STRATA}),
        ),
        Design.STEPPED_WEDGE: DesignRules(
            needs=(("unit",), ("period",), ("treated",)),
            estimands=RANDOMISED | COMPARED,
            standard_errors=CLUSTERED | {StandardError.IID, StandardError.MODEL_BASED},
            model_keys=frozenset({"working_model", "fixed_effects"}),
            fixed_effects=frozenset({FixedEffect.UNIT, FixedEffect.PERIOD, FixedEffect.CLUSTER}),
        ),
        Design.TWO_PERIOD_DID: DesignRules(
            needs=(("period",), ("treated", "group"), ("cluster", "unit")),
            estimands=COMPARED,
            standard_errors=HETEROSKEDASTIC | CLUSTERED,
            model_keys=frozenset({"fixed_effects"}),
            fixed_effects=frozenset({FixedEffect.UNIT, FixedEffect.PERIOD, FixedEffect.GROUP, FixedEffect.CLUSTER}),
        ),
        Design.STAGGERED_ADOPTION: DesignRules(
            needs=(("unit",), ("period",), ("first_treated",)),
            estimands=COMPARED,
            standard_errors=CLUSTERED | {StandardError.IID, StandardError.INFLUENCE, StandardError.INFLUENCE_SMALL},
            model_keys=frozenset({"estimator", "control", "base_period", "anticipation", "fixed_effects"}),
            estimators=frozenset(
                {Estimator.CALLAWAY_SANTANNA, Estimator.TWFE, Estimator.IMPUTATION, Estimator.SUN_ABRAHAM}
            ),
            fixed_effects=frozenset({FixedEffect.UNIT, FixedEffect.PERIOD}),
        ),
        Design.INTERRUPTED_TIME_SERIES: _SERIES,
        Design.CONTROLLED_INTERRUPTED_TIME_SERIES: DesignRules(
            needs=(*_SERIES.needs, ("group",)),
            estimands=_SERIES.estimands,
            standard_errors=_SERIES.standard_errors,
            model_keys=_SERIES.model_keys,
        ),
        Design.MATCHED_COMPARISON: DesignRules(
            needs=(("treated",),),
            estimands=frozenset({Estimand.ATT, Estimand.ATE}),
            standard_errors=HETEROSKEDASTIC
            | CLUSTERED
            | {StandardError.SANDWICH, StandardError.INFLUENCE, StandardError.INFLUENCE_SMALL}
            | {StandardError.ABADIE_IMBENS},
            model_keys=frozenset({"estimator"}),
            estimators=frozenset({Estimator.IPW, Estimator.AIPW, Estimator.MATCHING}),
        ),
        Design.SYNTHETIC_CONTROL: DesignRules(
            needs=(("unit",), ("period",), ("treated", "start")),
            estimands=COMPARED,
            standard_errors=frozenset({StandardError.PLACEBO}),
            model_keys=frozenset({"estimator"}),
            estimators=frozenset({Estimator.SYNTHETIC_DID, Estimator.SYNTHETIC_CONTROL, Estimator.DID}),
        ),
        Design.BEFORE_AFTER: DesignRules(
            needs=(("treated", "start", "period"), ("cluster", "unit")),
            estimands=COMPARED,
            standard_errors=HETEROSKEDASTIC | CLUSTERED,
            model_keys=frozenset({"fixed_effects"}),
            fixed_effects=frozenset({FixedEffect.UNIT}),
        ),
        Design.SURVEY_BEFORE_AFTER: DesignRules(
            needs=(),
            estimands=COMPARED | {Estimand.ATE},
            standard_errors=frozenset({StandardError.LINEARISED}),
        ),
    }
)
