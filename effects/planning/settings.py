"""A plan with every silent place filled in, and the list of what was filled."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, TypeVar

from effects.codes import (
    Adjustment,
    BasePeriod,
    BootstrapWeights,
    Calibration,
    Claim,
    Control,
    Design,
    DfMethod,
    Estimand,
    Estimator,
    Family,
    FixedEffect,
    MissingMethod,
    StandardError,
    WorkingModel,
    WorkingVariance,
)
from effects.planning.sections import PlanSections

T = TypeVar("T")

DEFAULT_LEVEL: Final = 0.95
DEFAULT_DRAWS: Final = 9999
DEFAULT_SEED: Final = 0
_TOGETHER: Final = frozenset({Adjustment.WESTFALL_YOUNG, Adjustment.ROMANO_WOLF})
DEFAULT_IMPUTATIONS: Final = 50

_STANDARD_ERROR: Final[Mapping[Design, StandardError]] = MappingProxyType(
    {
        Design.INDIVIDUAL_RANDOMISED: StandardError.HC2,
        Design.CLUSTER_RANDOMISED: StandardError.CR2,
        Design.STEPPED_WEDGE: StandardError.MODEL_BASED,
        Design.TWO_PERIOD_DID: StandardError.CR2,
        Design.STAGGERED_ADOPTION: StandardError.INFLUENCE_SMALL,
        Design.INTERRUPTED_TIME_SERIES: StandardError.NEWEY_WEST,
        Design.CONTROLLED_INTERRUPTED_TIME_SERIES: StandardError.NEWEY_WEST,
        Design.MATCHED_COMPARISON: StandardError.INFLUENCE,
        Design.SYNTHETIC_CONTROL: StandardError.PLACEBO,
        Design.BEFORE_AFTER: StandardError.CR2,
        Design.SURVEY_BEFORE_AFTER: StandardError.LINEARISED,
    }
)
_FIXED_EFFECTS: Final[Mapping[Design, tuple[FixedEffect, ...]]] = MappingProxyType(
    {
        Design.TWO_PERIOD_DID: (FixedEffect.GROUP, FixedEffect.PERIOD),
        Design.BEFORE_AFTER: (FixedEffect.UNIT,),
    }
)
_ESTIMATOR: Final[Mapping[Design, Estimator]] = MappingProxyType(
    {
        Design.STAGGERED_ADOPTION: Estimator.CALLAWAY_SANTANNA,
        Design.MATCHED_COMPARISON: Estimator.AIPW,
        Design.SYNTHETIC_CONTROL: Estimator.SYNTHETIC_DID,
    }
)


@dataclass(frozen=True, slots=True)
class WildDraws:
    """A wild cluster bootstrap that was asked for."""

    weights: BootstrapWeights
    draws: int


@dataclass(frozen=True, slots=True)
class Settings:
    """Every choice of method that an analysis runs with; None where the design has no such choice."""

    design: Design
    estimand: Estimand
    level: float
    standard_error: StandardError
    working_variance: WorkingVariance
    adjust_primary: Adjustment
    adjust_secondary: Adjustment
    missing: MissingMethod
    fixed_effects: tuple[FixedEffect, ...] = ()
    working_model: WorkingModel | None = None
    estimator: Estimator | None = None
    control: Control | None = None
    base_period: BasePeriod | None = None
    anticipation: float = 0.0
    df_method: DfMethod | None = None
    seed: int | None = None
    bootstrap: WildDraws | None = None
    permutation_draws: int | None = None
    imputations: int | None = None


class _Ledger:
    def __init__(self) -> None:
        self.applied: dict[str, object] = {}

    def fill(self, key: str, stated: T | None, default: T) -> T:
        if stated is None:
            self.applied[key] = default
            return default
        return stated


def settle(plan: PlanSections, seed: int | None = None) -> tuple[Settings, Mapping[str, object]]:
    """The plan's choices completed, and each default that was applied by its path; a given seed wins."""
    ledger = _Ledger()
    fill, stated = ledger.fill, plan.inference
    if plan.data.cluster is None and plan.data.unit is not None:
        ledger.applied["data.cluster"] = plan.data.unit
    working_model = _working_model(plan, ledger)
    fixed = working_model is WorkingModel.FIXED_EFFECTS
    linear = fixed or plan.model.estimator is Estimator.TWFE
    default_error = StandardError.CR2 if linear else _STANDARD_ERROR[plan.design]
    if plan.model.estimator is Estimator.MATCHING:
        default_error = StandardError.ABADIE_IMBENS
    standard_error = fill("inference.standard_error", stated.standard_error, default_error)
    settings = Settings(
        design=plan.design,
        estimand=plan.estimand,
        level=fill("inference.level", stated.level, DEFAULT_LEVEL),
        standard_error=standard_error,
        working_variance=stated.working_variance or WorkingVariance.IDENTITY,
        adjust_primary=fill("multiplicity.primary", plan.multiplicity.primary, Adjustment.HOLM),
        adjust_secondary=fill("multiplicity.secondary", plan.multiplicity.secondary, Adjustment.BENJAMINI_HOCHBERG),
        missing=fill("missing.method", plan.missing.method, MissingMethod.COMPLETE_CASES),
        fixed_effects=_fixed_effects(plan, ledger, fixed),
        working_model=working_model,
        estimator=_estimator(plan, ledger),
        control=_control(plan, ledger),
        base_period=_base_period(plan, ledger),
        anticipation=_anticipation(plan, ledger),
        df_method=_df_method(plan, ledger, standard_error),
        seed=_seed(plan, ledger, seed),
        bootstrap=_bootstrap(plan, ledger),
        permutation_draws=_permutation_draws(plan, ledger),
        imputations=_imputations(plan, ledger),
    )
    _model_defaults(plan, ledger, standard_error)
    for place, outcome in enumerate(plan.outcomes):
        fill(f"outcome[{place}].claim", outcome.claim, Claim.BETTER)
        fill(f"outcome[{place}].margin", outcome.margin, outcome.minimal_important)
        fill(f"outcome[{place}].family", outcome.family, Family.GAUSSIAN)
    return settings, MappingProxyType({key: value for key, value in ledger.applied.items() if value is not None})


def _working_model(plan: PlanSections, ledger: _Ledger) -> WorkingModel | None:
    if plan.design is not Design.STEPPED_WEDGE:
        return None
    return ledger.fill("model.working_model", plan.model.working_model, WorkingModel.NESTED_EXCHANGEABLE)


def _fixed_effects(plan: PlanSections, ledger: _Ledger, fixed: bool) -> tuple[FixedEffect, ...]:
    default = (FixedEffect.UNIT, FixedEffect.PERIOD) if fixed else _FIXED_EFFECTS.get(plan.design, ())
    if not default:
        return plan.model.fixed_effects
    return ledger.fill("model.fixed_effects", plan.model.fixed_effects or None, default)


def _estimator(plan: PlanSections, ledger: _Ledger) -> Estimator | None:
    if plan.design in _ESTIMATOR:
        return ledger.fill("model.estimator", plan.model.estimator, _ESTIMATOR[plan.design])
    if plan.design is Design.INDIVIDUAL_RANDOMISED:
        adjusted = any(outcome.covariates for outcome in plan.outcomes)
        return ledger.fill(
            "model.estimator", plan.model.estimator, Estimator.LIN if adjusted else Estimator.DIFFERENCE_IN_MEANS
        )
    return plan.model.estimator


def _control(plan: PlanSections, ledger: _Ledger) -> Control | None:
    if plan.design is not Design.STAGGERED_ADOPTION or plan.model.estimator not in (None, Estimator.CALLAWAY_SANTANNA):
        return plan.model.control
    return ledger.fill("model.control", plan.model.control, Control.NEVER_TREATED)


def _base_period(plan: PlanSections, ledger: _Ledger) -> BasePeriod | None:
    if plan.design is not Design.STAGGERED_ADOPTION or plan.model.estimator not in (None, Estimator.CALLAWAY_SANTANNA):
        return plan.model.base_period
    return ledger.fill("model.base_period", plan.model.base_period, BasePeriod.VARYING)


def _anticipation(plan: PlanSections, ledger: _Ledger) -> float:
    if plan.design is not Design.STAGGERED_ADOPTION or plan.model.estimator is Estimator.TWFE:
        return 0.0
    return ledger.fill("model.anticipation", plan.model.anticipation, 0.0)


def _df_method(plan: PlanSections, ledger: _Ledger, standard_error: StandardError) -> DfMethod | None:
    if standard_error is not StandardError.MODEL_BASED:
        return plan.inference.df_method
    return ledger.fill("inference.df_method", plan.inference.df_method, DfMethod.KENWARD_ROGER)


def _model_defaults(plan: PlanSections, ledger: _Ledger, standard_error: StandardError) -> None:
    if standard_error is StandardError.CR2:
        ledger.fill("inference.working_variance", plan.inference.working_variance, WorkingVariance.IDENTITY)
    if plan.design is Design.SURVEY_BEFORE_AFTER:
        ledger.fill("survey.calibration", plan.survey.calibration, Calibration.NONE)


def _bootstrap(plan: PlanSections, ledger: _Ledger) -> WildDraws | None:
    asked = plan.inference.bootstrap
    if asked is None:
        return None
    weights = ledger.fill("inference.bootstrap.weights", asked.weights, BootstrapWeights.RADEMACHER)
    return WildDraws(weights, ledger.fill("inference.bootstrap.draws", asked.draws, DEFAULT_DRAWS))


def _permutation_draws(plan: PlanSections, ledger: _Ledger) -> int | None:
    asked = plan.inference.permutation
    return None if asked is None else ledger.fill("inference.permutation.draws", asked.draws, DEFAULT_DRAWS)


def _imputations(plan: PlanSections, ledger: _Ledger) -> int | None:
    if plan.missing.method is not MissingMethod.MULTIPLE_IMPUTATION:
        return None
    return ledger.fill("missing.imputations", plan.missing.imputations, DEFAULT_IMPUTATIONS)


def _seed(plan: PlanSections, ledger: _Ledger, given: int | None) -> int | None:
    if given is not None:
        return given
    banded = plan.design is Design.STAGGERED_ADOPTION and plan.model.estimator is not Estimator.TWFE
    imputed = plan.missing.method is MissingMethod.MULTIPLE_IMPUTATION
    together = bool({plan.multiplicity.primary, plan.multiplicity.secondary} & _TOGETHER)
    resampled = plan.inference.bootstrap is not None or plan.inference.permutation is not None or together
    if not resampled and not banded and not imputed:
        return plan.inference.seed
    return ledger.fill("inference.seed", plan.inference.seed, DEFAULT_SEED)
