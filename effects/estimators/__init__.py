"""One module or package per design; the tables say which designs have an estimator, and of which kind."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias

from effects.codes import Design, StandardError, WorkingModel
from effects.design_answers import Asked, DesignAnswer
from effects.estimators.before_after import before_after
from effects.estimators.cluster_randomised import cluster_randomised
from effects.estimators.cluster_randomised_mixed import beside_least_squares, cluster_randomised_mixed
from effects.estimators.individual_randomised import individual_randomised
from effects.estimators.lee_bounds import lee_bounds
from effects.estimators.lost_between_waves import lost_between_waves
from effects.estimators.matched.design import matched_comparison
from effects.estimators.placebo_change import placebo_change
from effects.estimators.series import controlled_interrupted_time_series, interrupted_time_series
from effects.estimators.staggered.answer import staggered_adoption
from effects.estimators.stepped_wedge import stepped_wedge
from effects.estimators.stepped_wedge_mixed import beside_fixed_effects, stepped_wedge_mixed
from effects.estimators.survey.design import survey_before_after
from effects.estimators.synthetic import synthetic_control
from effects.estimators.two_period_did import two_period_did
from effects.linear_model import LinearModel, Obstacle
from effects.planning.settings import Settings
from effects.rows.samples import Sample

ModelOf: TypeAlias = Callable[[Sample, Settings], LinearModel | Obstacle]
Answering: TypeAlias = Callable[[Asked], DesignAnswer]

LINEAR: Final[Mapping[Design, ModelOf]] = MappingProxyType(
    {
        Design.INDIVIDUAL_RANDOMISED: individual_randomised,
        Design.CLUSTER_RANDOMISED: cluster_randomised,
        Design.STEPPED_WEDGE: stepped_wedge,
        Design.TWO_PERIOD_DID: two_period_did,
    }
)
"""Designs whose primary effect is one coefficient of a linear model: it can be resampled, and read from moments."""

ANSWERING: Final[Mapping[Design, Answering]] = MappingProxyType(
    {
        Design.CLUSTER_RANDOMISED: cluster_randomised_mixed,
        Design.STEPPED_WEDGE: stepped_wedge_mixed,
        Design.SYNTHETIC_CONTROL: synthetic_control,
        Design.INTERRUPTED_TIME_SERIES: interrupted_time_series,
        Design.CONTROLLED_INTERRUPTED_TIME_SERIES: controlled_interrupted_time_series,
        Design.STAGGERED_ADOPTION: staggered_adoption,
        Design.BEFORE_AFTER: before_after,
        Design.SURVEY_BEFORE_AFTER: survey_before_after,
        Design.MATCHED_COMPARISON: matched_comparison,
    }
)
"""Designs, or working models of them, with an estimator of their own."""

BESIDE: Final[Mapping[Design, tuple[Answering, ...]]] = MappingProxyType(
    {
        Design.INDIVIDUAL_RANDOMISED: (lee_bounds,),
        Design.CLUSTER_RANDOMISED: (beside_least_squares,),
        Design.STEPPED_WEDGE: (beside_fixed_effects,),
        Design.TWO_PERIOD_DID: (placebo_change, lost_between_waves),
    }
)
"""What stands beside a linear design's primary effect: second opinions and diagnostics, computed from rows."""


def is_linear(settings: Settings) -> bool:
    """Whether the settings ask for one coefficient of a linear model."""
    mixed = settings.working_model not in (None, WorkingModel.FIXED_EFFECTS)
    return settings.design in LINEAR and not mixed and settings.standard_error is not StandardError.MODEL_BASED
