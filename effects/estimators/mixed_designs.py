"""Fixed effects of the mixed models of trials, and which contrast of them is the effect."""

from dataclasses import dataclass

import numpy as np

from effects.codes import FixedEffect
from effects.design_answers import Asked
from effects.effect_entries import degenerate
from effects.estimators.cluster_randomised import cluster_randomised
from effects.estimators.fixed_effects import fixed_effects_model
from effects.estimators.stepped_wedge import wedge_obstacle
from effects.inference.mixed_model import MixedFit, fit_mixed, too_large
from effects.inference.mixed_products import CellModel, fit_cells
from effects.linear_model import LinearModel, Obstacle
from effects.rows.columns import Codes, Numbers
from effects.rows.samples import Sample, count, dummies


@dataclass(frozen=True, slots=True)
class MixedDesign:
    """A design matrix, as rows or as sums of them, with its contrasts of interest.

    Shapes: average (k,) the effect, each (s, k) the effect at every exposure time of `exposures` (s,), which count the
    periods under treatment from 0; cells (n,) the periods of rows, which in a cluster may vary together. `repeated`
    says that units smaller than the clusters are seen more than once, and vary together too.
    """

    model: LinearModel | CellModel
    average: Numbers
    cells: Codes | None
    exposures: Codes
    each: Numbers
    repeated: bool = False

    def fitted(self, *, nested: bool) -> MixedFit | Obstacle:
        """The mixed model with random clusters and, where `nested`, cells."""
        if isinstance(self.model, CellModel):
            return fit_cells(self.model, nested=nested)
        return fit_mixed(self.model, self.cells if nested else None)


def cluster_design(asked: Asked) -> MixedDesign | Obstacle:
    """A cluster-randomised trial: the columns of its least squares."""
    columns = 2 + len(asked.sample.covariate_names)
    obstacle = degenerate(asked.sample) or too_large(asked.sample.size, columns)
    model = obstacle or cluster_randomised(asked.sample, asked.settings)
    if isinstance(model, Obstacle):
        return model
    return single(model, None, repeated=repeated(asked.sample))


def wedge_design(sample: Sample) -> MixedDesign | Obstacle:
    """A stepped wedge with one effect: treatment, covariates and a dummy for each period (Hussey and Hughes 2007)."""
    obstacle = degenerate(sample) or wedge_obstacle(sample)
    if obstacle is not None:
        return obstacle
    assert sample.period is not None
    large = too_large(sample.size, count(sample.period) + len(sample.covariate_names) + 1)
    if large is not None:
        return large
    model = fixed_effects_model(sample, {FixedEffect.PERIOD: sample.period})
    return model if isinstance(model, Obstacle) else single(model, sample.period, repeated=repeated(sample))


def exposure_design(asked: Asked) -> MixedDesign | Obstacle:
    """A stepped wedge with an effect for every exposure time; the effect asked for is their plain average.

    Kenny et al. 2022; exposure time counts the plan's periods since the cluster's first treated one.
    """
    plain = wedge_design(asked.sample)
    if isinstance(plain, Obstacle):
        return plain
    assert isinstance(plain.model, LinearModel)
    exposure = exposure_times(asked)
    treated = asked.sample.treated == 1.0
    exposures, place = np.unique(exposure[treated], return_inverse=True)
    large = too_large(asked.sample.size, len(exposures) + plain.model.design.shape[1] - 1)
    if large is not None:
        return large
    columns = np.zeros((asked.sample.size, len(exposures)))
    columns[treated] = dummies(place.astype(np.int64).reshape(-1))
    names = tuple(f"treated[{time}]" for time in exposures.tolist())
    kept = LinearModel(
        outcome=plain.model.outcome,
        design=np.delete(plain.model.design, plain.model.effect, axis=1),
        names=plain.model.names[1:],
        effect=0,
        weights=plain.model.weights,
        clusters=plain.model.clusters,
        absorbed=0,
        estimator=plain.model.estimator,
    ).with_columns(columns, names, 0)
    each = np.eye(len(kept.names))[kept.effect :]
    return MixedDesign(kept, each.mean(axis=0), plain.cells, exposures, each, plain.repeated)


def exposure_times(asked: Asked) -> Codes:
    """Periods since the first treated one for each row of the sample (n,), 0 in that period; below 0 before.

    A cluster's first treated period is read from all rows, of its sequence where one is stated, since rows without an
    outcome tell it too.
    """
    roles, rows = asked.roles, asked.sample.rows
    owner = roles.sequence or roles.cluster
    assert owner is not None
    assert roles.period is not None
    assert roles.treated is not None
    first = np.full(len(owner.levels) + 1, len(roles.period.levels), dtype=np.int64)
    known = (roles.treated == 1.0) & (roles.period.codes >= 0)
    np.minimum.at(first, owner.codes[known], roles.period.codes[known])
    exposure: Codes = roles.period.codes[rows] - first[owner.codes[rows]]
    return exposure


def repeated(sample: Sample) -> bool:
    """Whether units smaller than the clusters are seen more than once: then they vary together too."""
    if sample.unit is None or sample.cluster is None:
        return False
    return sample.clusters != count(sample.unit) and count(sample.unit) < sample.size


def single(model: LinearModel | CellModel, cells: Codes | None, *, repeated: bool) -> MixedDesign:
    """The design whose effect is one coefficient of the model."""
    average = np.zeros(len(model.names))
    average[model.effect] = 1.0
    return MixedDesign(model, average, cells, np.zeros(0, dtype=np.int64), average[None, :], repeated)
