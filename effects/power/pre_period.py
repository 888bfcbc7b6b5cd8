"""Power by simulation from a pilot's own rows of the time before: what these vary by need not be guessed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from pandas import DataFrame
from scipy.special import stdtrit
from threadpoolctl import threadpool_limits

from effects.codes import Design
from effects.errors import Finding
from effects.estimators import LINEAR, is_linear
from effects.inference.covariance import precision
from effects.inference.least_squares import fit
from effects.inference.shares import wilson
from effects.linear_model import Obstacle
from effects.plan import AnalysisPlan
from effects.planning.settings import DEFAULT_SEED, Settings, settle
from effects.power.planned import PowerError
from effects.rows.columns import Codes, Numbers
from effects.rows.roles import OutcomeColumns, Roles, read_roles
from effects.rows.samples import KEPT, Sample, count, draw, why_dropped
from effects.sources import open_source

MOST_TRIALS: Final = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedPower:
    """How often the plan's test found an effect that was added to rows in which nobody was treated.

    `power` is a share of the trials that could be analysed, None where none could, with its Monte Carlo interval
    (Wilson, 95 %); `standard_error` is the median of the trials.
    """

    outcome: str
    effect: float
    trials: int
    refused: int
    power: float | None
    interval: tuple[float, float] | None
    standard_error: float | None


def from_pre_period(
    rows: DataFrame, plan: AnalysisPlan, effect: float, *, trials: int = 500, seed: int | None = None
) -> tuple[SimulatedPower, ...]:
    """The power of each outcome of the plan, if `effect` were added to everybody treated; the same for the same seed.

    `rows` are the pilot's before treatment, with the columns that the plan names (the treatment may be missing). Each
    trial assigns half of the people or clusters within strata, or clusters to sequences that start evenly over the
    periods of the rows, and is analysed as the plan says. Designs: individual_randomised, cluster_randomised,
    stepped_wedge with fixed effects. Raises PowerError for any other plan and an impossible number of trials, DataError
    where the rows cannot carry the plan.
    """
    settings, _ = settle(plan)
    findings = _refusals(plan, settings, trials)
    if findings:
        raise PowerError(findings)
    untreated = rows.assign(**{str(plan.data.treated): 0})
    with threadpool_limits(limits=1), np.errstate(all="ignore"):
        roles = read_roles(open_source(untreated, None), plan)
        chosen = DEFAULT_SEED if seed is None else seed
        return tuple(_simulated(outcome, roles, settings, effect, trials, chosen) for outcome in roles.outcomes)


def _simulated(
    outcome: OutcomeColumns, roles: Roles, settings: Settings, effect: float, trials: int, seed: int
) -> SimulatedPower:
    sample = draw(roles, outcome, why_dropped(roles, outcome) == KEPT)
    random = np.random.Generator(np.random.PCG64(seed))
    found, errors = 0, []
    for _ in range(trials if sample.size else 0):
        treated = _ASSIGNED[settings.design](sample, random)
        one = replace(sample, treated=treated, outcome=sample.outcome + effect * treated)
        answer = _tested(one, settings)
        if answer is not None:
            found += answer[0]
            errors.append(answer[1])
    answered = len(errors)
    return SimulatedPower(
        outcome=outcome.stated.column,
        effect=effect,
        trials=trials,
        refused=trials - answered,
        power=found / answered if answered else None,
        interval=wilson(found, answered) if answered else None,
        standard_error=float(np.median(errors)) if answered else None,
    )


def _tested(sample: Sample, settings: Settings) -> tuple[bool, float] | None:
    """Whether the test rejects, and the standard error; None where the trial has no answer."""
    model = LINEAR[settings.design](sample, settings)
    fitted = model if isinstance(model, Obstacle) else fit(model)
    if isinstance(fitted, Obstacle):
        return None
    spread = precision(fitted, settings.standard_error, settings.working_variance)
    if isinstance(spread, Obstacle):
        return None
    bound = float(stdtrit(spread.df, 0.5 + settings.level / 2.0))
    return abs(fitted.estimate) > bound * spread.standard_error, spread.standard_error


def _people(sample: Sample, random: np.random.Generator) -> Numbers:
    unit = np.arange(sample.size) if sample.unit is None else sample.unit
    return _halved(unit, sample.strata, random)[unit]


def _clusters(sample: Sample, random: np.random.Generator) -> Numbers:
    unit = np.zeros(sample.size, dtype=np.int64) if sample.cluster is None else sample.cluster
    return _halved(unit, sample.strata, random)[unit]


def _halved(unit: Codes, strata: Codes | None, random: np.random.Generator) -> Numbers:
    """1 for half of the units (U,) of each stratum; of an odd number one more or less, by chance."""
    own = np.zeros(count(unit), dtype=np.int64)
    if strata is not None:
        own[unit] = strata
    order = np.lexsort((random.random(len(own)), own))
    arms = np.empty(len(own))
    first = random.integers(2, size=int(own.max()) + 1)
    starts = np.searchsorted(own[order], own[order])
    arms[order] = (np.arange(len(own)) - starts + first[own[order]]) % 2
    return arms


def _sequences(sample: Sample, random: np.random.Generator) -> Numbers:
    cluster = np.zeros(sample.size, dtype=np.int64) if sample.cluster is None else sample.cluster
    period = np.zeros(sample.size, dtype=np.int64) if sample.period is None else sample.period
    periods, clusters = count(period), count(cluster)
    sequences = max(1, min(periods - 1, clusters))
    starts = np.rint(np.arange(1, sequences + 1) * periods / (sequences + 1)).clip(1)
    start = starts[random.permutation(np.arange(clusters) % sequences)]
    treated: Numbers = (period >= start[cluster]).astype(np.float64)
    return treated


_ASSIGNED: Final[dict[Design, Callable[[Sample, np.random.Generator], Numbers]]] = {
    Design.INDIVIDUAL_RANDOMISED: _people,
    Design.CLUSTER_RANDOMISED: _clusters,
    Design.STEPPED_WEDGE: _sequences,
}


def _refusals(plan: AnalysisPlan, settings: Settings, trials: int) -> list[Finding]:
    found = []
    if plan.design not in _ASSIGNED or not is_linear(settings) or plan.data.treated is None:
        found.append(
            Finding(
                where="design",
                code="not_simulated",
                message="Trials of this plan cannot be drawn from rows.",
                remedy='Use a randomised design; for a stepped wedge state working_model = "fixed_effects".',
            )
        )
    if not 1 <= trials <= MOST_TRIALS:
        found.append(
            Finding(
                where="trials",
                code="not_a_count",
                message="{key} must be a whole number from {least} to {most}.",
                params={"key": "trials", "least": 1, "most": MOST_TRIALS},
            )
        )
    return found
