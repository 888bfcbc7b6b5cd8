"""Trials as their mixed models see them, from cross-products by cluster and sums by cluster and period."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from effects.codes import Reason, StandardError
from effects.compression.answers import entry_from
from effects.compression.models import model_of, obstacle_of, terms_of_grams
from effects.design_answers import Effect, NoEffect
from effects.estimators.cluster_diagnostics import informative_size
from effects.estimators.cluster_randomised_mixed import ClusterTrial
from effects.estimators.mixed_designs import MixedDesign, single
from effects.estimators.mixed_effects import BESIDE, effect_of_entry
from effects.estimators.stepped_wedge_mixed import WedgeTrial
from effects.inference.gram_fit import fit_products
from effects.inference.mixed_products import CellModel
from effects.inference.weighted_gram_fit import weighted_cr2, with_weights
from effects.linear_model import Obstacle
from effects.message import Message
from effects.moments import CONSTANT, OUTCOME, TREATED, Grams, OutcomeMoments
from effects.planning.sections import PlanSections
from effects.planning.settings import Settings
from effects.results import Diagnostic
from effects.rows.columns import Codes, Numbers
from effects.treatment_starts import TreatmentStarts

_ROWS: Final = Message("the rows themselves")


def needs_rows(detail: Message, need: Message = _ROWS) -> Obstacle:
    """Why moments give no answer that rows would give."""
    return Obstacle(Reason.NEEDS_ROWS, detail, need)


@dataclass(frozen=True, slots=True)
class _Cells:
    """C pairs of cluster and period that hold rows: their places (C,), rows (C,) and sums of all columns (C, c)."""

    cluster: Codes
    period: Codes
    rows: Codes
    sums: Numbers


def cluster_trial(moments: OutcomeMoments, plan: PlanSections, settings: Settings) -> ClusterTrial:
    """A cluster-randomised trial: cells are clusters."""
    grams = moments.grams
    names = [TREATED, CONSTANT, *terms_of_grams(grams), *grams.levels("strata")[1:]]
    places = _places(grams, names)
    model = CellModel(
        products=grams.products.sum(axis=0)[np.ix_(places, places)],
        sums=grams.products[:, grams.column(CONSTANT), places],
        rows=grams.rows,
        cluster=np.arange(len(grams.clusters), dtype=np.int64),
        names=tuple(names),
        effect=0,
    )
    return ClusterTrial(
        column=moments.outcome,
        settings=settings,
        design=_lacking(grams) or obstacle_of(grams, plan.design) or single(model, None, repeated=_repeated(grams)),
        rows=grams.rows.astype(np.float64),
        treated=grams.treated > 0,
        least_squares=lambda own: _least_squares(moments, plan, own, "ols"),
        by_cluster=lambda own: _by_cluster(moments, plan, own),
    )


def wedge_trial(moments: OutcomeMoments, plan: PlanSections, settings: Settings) -> WedgeTrial:
    """A stepped wedge: cells are clusters in periods; unit-demeaned products do not tell them."""
    grams = moments.grams
    plain: MixedDesign | Obstacle
    exposure: MixedDesign | Obstacle
    lacking = _lacking(grams)
    if lacking is not None:
        plain = exposure = lacking
    else:
        cells = _cells(grams)
        plain = obstacle_of(grams, plan.design) or single(_wedge(grams, cells), None, repeated=_repeated(grams))
        exposure = plain if isinstance(plain, Obstacle) else _exposure(grams, cells, moments.starts)
    return WedgeTrial(
        moments.outcome,
        settings,
        plain,
        exposure,
        lambda own: _least_squares(moments, plan, own, "ols_fixed_effects"),
    )


def _lacking(grams: Grams) -> Obstacle | None:
    """What the likelihood of a mixed model needs and these cross-products leave out."""
    if grams.demeaned:
        need = Message("fewer than 100,000 rows as they are, or effects of clusters in place of those of units")
        return needs_rows(Message("sums within units do not tell clusters apart"), need)
    need = Message("the squares of every file: the cover sheet of the one without them tells why")
    return None if grams.squared else needs_rows(Message("the squares of the outcome were kept back"), need)


def _by_cluster(
    moments: OutcomeMoments, plan: PlanSections, settings: Settings
) -> tuple[Effect | NoEffect, tuple[Diagnostic, ...]]:
    """The cluster-weighted effect, and whether it differs from that on individuals."""
    grams = moments.grams
    model, weights = model_of(grams, plan, settings), 1.0 / grams.rows
    if isinstance(model, Obstacle):
        return NoEffect(place=BESIDE, obstacle=model), ()
    one, other = fit_products(model), fit_products(with_weights(model, weights, "cluster_weighted"))
    if isinstance(other, Obstacle):
        return NoEffect(place=BESIDE, obstacle=other), ()
    found = weighted_cr2(other, weights)
    if isinstance(found, Obstacle):
        return NoEffect(place=BESIDE, obstacle=found), ()
    effect = Effect(
        place=BESIDE,
        estimate=other.estimate,
        standard_error=found.standard_error,
        kind=StandardError.CR2,
        df=found.df,
        estimator=other.model.estimator,
    )
    return effect, () if isinstance(one, Obstacle) else (informative_size(moments.outcome, one, other),)


def _least_squares(moments: OutcomeMoments, plan: PlanSections, settings: Settings, name: str) -> Effect | NoEffect:
    return effect_of_entry(entry_from(moments, plan, settings), moments.people, settings, name, BESIDE)


def _repeated(grams: Grams) -> bool:
    units = int(grams.units.sum())
    return len(grams.clusters) != units < int(grams.rows.sum())


def _places(grams: Grams, names: list[str]) -> Codes:
    return np.array([grams.column(name) for name in (*names, OUTCOME)], dtype=np.int64)


def _cells(grams: Grams) -> _Cells:
    blocks = grams.products[:, [grams.column(name) for name in grams.levels("period")], :]
    rows = np.rint(blocks[:, :, grams.column(CONSTANT)]).astype(np.int64)
    cluster, period = np.nonzero(rows)
    return _Cells(cluster, period, rows[cluster, period], blocks[cluster, period])


def _wedge(grams: Grams, cells: _Cells) -> CellModel:
    names = [TREATED, CONSTANT, *terms_of_grams(grams), *grams.levels("period")[1:]]
    places = _places(grams, names)
    return CellModel(
        products=grams.products.sum(axis=0)[np.ix_(places, places)],
        sums=cells.sums[:, places],
        rows=cells.rows,
        cluster=cells.cluster,
        names=tuple(names),
        effect=0,
    )


def _exposure(grams: Grams, cells: _Cells, starts: TreatmentStarts | None) -> MixedDesign | Obstacle:
    """An effect for every exposure time, in the place of treatment: every cell has one time, or none."""
    doses = np.rint(cells.sums[:, grams.column(TREATED)]).astype(np.int64)
    if starts is None or np.any((doses > 0) & (doses < cells.rows)):
        return needs_rows(Message("treatment differs within clusters and periods, or its start is not known"))
    periods = [name.removeprefix("period:") for name in grams.levels("period")]
    told = [
        starts.exposure(grams.clusters[cluster], periods[period]) if dose else None
        for cluster, period, dose in zip(cells.cluster.tolist(), cells.period.tolist(), doses.tolist(), strict=True)
    ]
    times = sorted({time for time in told if time is not None})
    marks = np.array([[time == one for one in times] for time in told], dtype=np.float64)
    plain = _wedge(grams, cells)
    last, width = len(plain.names) - 1, len(plain.names) - 1 + len(times)
    kept = np.array([*range(1, last + 1), last + 1])
    crossed = marks.T @ plain.sums[:, kept]
    sums = np.column_stack([plain.sums[:, kept[:-1]], marks * cells.rows[:, None], plain.sums[:, -1]])
    products = np.zeros((width + 1, width + 1))
    old = np.array([*range(last), width])
    products[np.ix_(old, old)] = plain.products[np.ix_(kept, kept)]
    new = np.arange(last, width)
    products[np.ix_(new, old)], products[np.ix_(old, new)] = crossed, crossed.T
    products[new, new] = marks.T @ cells.rows
    each = np.eye(width)[last:]
    names = (*plain.names[1:], *(f"treated[{time}]" for time in times))
    model = CellModel(products=products, sums=sums, rows=cells.rows, cluster=cells.cluster, names=names, effect=last)
    return MixedDesign(model, each.mean(axis=0), None, np.array(times, dtype=np.int64), each, _repeated(grams))
