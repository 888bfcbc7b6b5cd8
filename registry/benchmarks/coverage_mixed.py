"""The mixed model among the methods whose coverage is simulated."""

import numpy as np

from effects.codes import Design, DfMethod
from effects.estimators import LINEAR
from effects.inference.kenward_roger import mixed_precision
from effects.inference.mixed_model import fit_mixed
from effects.linear_model import LinearModel, Obstacle
from effects.planning.settings import Settings
from effects.rows.columns import Codes
from effects.rows.samples import Sample, count, dummies
from registry.benchmarks.coverage_methods import REFUSED, Said, judged


def by_kenward_roger(sample: Sample, settings: Settings, effect: float, _seed: int) -> Said:
    """REML with random clusters, in a stepped wedge nested exchangeable; covariance and df of Kenward and Roger."""
    wedge = settings.design is Design.STEPPED_WEDGE
    model = _wedge_model(sample) if wedge else LINEAR[settings.design](sample, settings)
    if isinstance(model, Obstacle):
        return REFUSED
    fitted = fit_mixed(model, _cells(sample) if wedge else None)
    if isinstance(fitted, Obstacle):
        return REFUSED
    contrast = np.zeros((1, len(model.names)))
    contrast[0, model.effect] = 1.0
    spread = mixed_precision(fitted, contrast[0], DfMethod.KENWARD_ROGER)
    if isinstance(spread, Obstacle):
        return REFUSED
    return judged(float(fitted.estimates(contrast)[0]), spread.standard_error, spread.df, effect)


def _wedge_model(sample: Sample) -> LinearModel:
    assert sample.period is not None
    return LinearModel(
        outcome=sample.outcome,
        design=np.column_stack([sample.treated, dummies(sample.period)]),
        names=("treated", *(f"period[{place}]" for place in range(count(sample.period)))),
        effect=0,
        weights=sample.weights,
        clusters=sample.cluster,
        absorbed=0,
        estimator="reml_nested_exchangeable",
    )


def _cells(sample: Sample) -> Codes:
    assert sample.cluster is not None and sample.period is not None
    return sample.cluster * count(sample.period) + sample.period
