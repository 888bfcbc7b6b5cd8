"""Diagnostics of staggered adoption: what each figure concludes."""

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import ndtri, stdtrit

from effects.codes import Aggregation, Reason, StandardError, Verdict
from effects.design_answers import NoEffect, Place
from effects.estimators.staggered.averages import Found, averages, event_times
from effects.estimators.staggered.bacon import Comparison, decomposition
from effects.estimators.staggered.panel import Panel
from effects.estimators.staggered.parallel_trends import Breakdown, breakdown, jointly_zero
from effects.estimators.staggered.precision import Errors
from effects.estimators.staggered.reported import average_effect, lone_compared
from effects.estimators.staggered.two_way_effect import treated_weights
from effects.inference.influence import by_cluster, covariance
from effects.linear_model import Obstacle
from effects.message import Message
from effects.results import Diagnostic
from effects.rows.columns import Codes, Numbers

FEW: Final = 5
MUCH: Final = 0.1
SIGNIFICANT: Final = 0.05
MOST_PERIODS: Final = 60


def pre_trends(column: str, found: Found, errors: Errors, anticipation: float) -> Diagnostic:
    """Effects at all times before treatment (and anticipation) jointly, by Hotelling's F."""
    study = _event_study(found, errors)
    before = np.flatnonzero(study.times < -anticipation)
    df = float(len(errors.strata.stratum) - len(errors.strata.sizes))
    tested = jointly_zero(study.estimates[before], study.covariance(before, errors), df)
    question = Message("Did the cohorts and those they are compared with change alike before treatment?")
    null = Message("Every effect before treatment is 0.")
    if isinstance(tested, Obstacle):
        return _inapplicable("parallel_pre_trends", question, null, tested, column)
    detail = Message(
        "Wald statistic of {effects} effects, F with {effects} and {df:.0f} degrees of freedom; "
        "not to reject is no proof",
        {"effects": tested.rank, "df": tested.df},
    )
    verdict = Verdict.FAIL if tested.p_value < SIGNIFICANT else Verdict.PASS
    return _diagnostic("parallel_pre_trends", question, null, column, tested.statistic, tested.p_value, verdict, detail)


def honest_breakdown(column: str, universal: Found, errors: Errors, level: float) -> Diagnostic:
    """The relative magnitude at which the mean effect over times since treatment comes into doubt."""
    question = Message("How large a failure of parallel trends does the effect survive?")
    null = Message("The effect survives steps as large as the largest one before treatment.")
    found = _broken(universal, errors, level)
    if isinstance(found, Obstacle):
        return _inapplicable("honest_did_breakdown", question, null, found, column)
    detail = Message(
        "{known:.2f} times the largest step before treatment ({largest:.4g}), taken as known; "
        "{uncertain:.2f} times where its own error counts",
        {"known": found.known, "largest": found.largest, "uncertain": found.uncertain},
    )
    verdict = Verdict.PASS if found.known >= 1.0 else Verdict.WARN
    return _diagnostic("honest_did_breakdown", question, null, column, found.known, None, verdict, detail)


def bacon_weights(column: str, panel: Panel) -> Diagnostic:
    """Share of the two-way fixed-effects coefficient that takes already treated units for untreated ones."""
    question = Message("Which comparisons is the two-way fixed-effects coefficient made of?")
    null = Message("None takes units that are already treated for untreated ones.")
    pairs = decomposition(panel)
    if isinstance(pairs, Obstacle):
        return _inapplicable("bacon_weights", question, null, pairs, column)
    shares = {kind: sum(pair.weight for pair in pairs if pair.comparison is kind) for kind in Comparison}
    already = shares[Comparison.ALREADY_TREATED]
    detail = Message(
        "{never:.1%} with never treated, {later:.1%} with later treated, {already:.1%} with already treated units",
        {"never": shares[Comparison.NEVER_TREATED], "later": shares[Comparison.LATER_TREATED], "already": already},
    )
    verdict = Verdict.WARN if already > MUCH else Verdict.PASS
    return _diagnostic("bacon_weights", question, null, column, already, None, verdict, detail)


def negative_weights(column: str, panel: Panel) -> Diagnostic:
    """Share of treated rows whose effect the two-way fixed-effects coefficient subtracts."""
    question = Message("Does the two-way fixed-effects coefficient subtract effects?")
    null = Message("Every effect enters with a positive weight.")
    weights = treated_weights(panel)
    if isinstance(weights, Obstacle):
        return _inapplicable("negative_weights", question, null, weights, column)
    negative = weights < -1e-12
    detail = Message(
        "{rows} of {treated} treated rows, their weights sum to {total:.3f}",
        {"rows": int(negative.sum()), "treated": len(weights), "total": float(np.sum(weights[negative]))},
    )
    share = float(np.mean(negative))
    verdict = Verdict.WARN if share > 0.0 else Verdict.PASS
    return _diagnostic("negative_weights", question, null, column, share, None, verdict, detail)


def cohort_sizes(column: str, errors: Errors) -> Diagnostic:
    """Clusters in the smallest cohort."""
    sizes = {cohort: errors.clusters(cohort) for cohort in errors.panel.cohorts.tolist()}
    smallest = min(sizes, key=lambda cohort: sizes[cohort])
    detail = Message(
        "{clusters} clusters first treated in {cohort}, the smallest of {cohorts} cohorts",
        {"clusters": sizes[smallest], "cohort": errors.panel.named(smallest), "cohorts": len(sizes)},
    )
    return _diagnostic(
        "cohort_sizes",
        Message("Is every cohort large enough to speak for itself?"),
        Message("Each cohort has at least {clusters} clusters.", {"clusters": FEW}),
        column,
        float(sizes[smallest]),
        None,
        Verdict.WARN if sizes[smallest] < FEW else Verdict.PASS,
        detail,
    )


def _broken(found: Found, errors: Errors, level: float) -> Breakdown | Obstacle:
    if not len(found.post):
        return Obstacle(Reason.NO_COMPARISON, Message("no effect after treatment"), Message("treated units to compare"))
    mean = averages(errors.panel, found)[Aggregation.DYNAMIC]
    dynamic = average_effect(Place(aggregation=Aggregation.DYNAMIC), mean, found, errors)
    if isinstance(dynamic, NoEffect):
        return dynamic.obstacle
    panel = errors.panel
    bases = {panel.event_time(effect.cell.cohort, effect.cell.base) for effect in found.effects}
    study = _event_study(found, errors)
    pre, post = np.flatnonzero(study.times < min(bases)), np.flatnonzero(study.times >= 0)
    if len(bases) > 1 or len(pre) + len(post) > MOST_PERIODS:
        return _uneven(len(pre) + len(post))
    chosen = np.concatenate([pre, post])
    df = dynamic.df
    critical = float(ndtri(0.5 + level / 2.0) if df is None else stdtrit(df, 0.5 + level / 2.0))
    spread = study.covariance(chosen, errors, plainly=errors.kind is StandardError.INFLUENCE)
    return breakdown(study.estimates[pre], study.estimates[post], spread, critical)


def _uneven(periods: int) -> Obstacle:
    return Obstacle(
        Reason.NOT_IMPLEMENTED,
        Message(
            "{periods} times since treatment, or cohorts that are measured from different ones", {"periods": periods}
        ),
        Message("periods at equal distances, {most} at most", {"most": MOST_PERIODS}),
    )


@dataclass(frozen=True, slots=True)
class _EventStudy:
    """Times since treatment (k,) with two treated clusters, effects (k,), contributions (U, k), and lone cohorts'."""

    times: Codes
    estimates: Numbers
    influence: Numbers
    lone: tuple[Numbers, ...]

    def covariance(self, chosen: Codes, errors: Errors, *, plainly: bool = False) -> Numbers:
        """Covariance of the chosen times, plain or by the rules for small samples."""
        if plainly:
            sums = by_cluster(self.influence[:, chosen], errors.panel.cluster)
            plain: Numbers = sums.T @ sums
            return plain
        return covariance(self.influence[:, chosen], errors.strata, [part[:, chosen] for part in self.lone])


def _event_study(found: Found, errors: Errors) -> _EventStudy:
    by_time = {
        time: average
        for time, average in event_times(errors.panel, found).items()
        if errors.clusters(*found.cohorts[average.weights != 0.0].tolist()) > 1
    }
    shape = (len(by_time), errors.panel.entries)
    lone = [lone_compared(average, found, errors) for average in by_time.values()]
    return _EventStudy(
        np.array(list(by_time), dtype=np.int64),
        np.array([average.estimate for average in by_time.values()]),
        np.array([average.influence(found) for average in by_time.values()]).reshape(shape).T,
        tuple(np.array(part).T for part in zip(*lone, strict=True)),
    )


def _inapplicable(name: str, question: Message, null: Message, obstacle: Obstacle, column: str) -> Diagnostic:
    return _diagnostic(name, question, null, column, None, None, Verdict.INAPPLICABLE, obstacle.detail)


def _diagnostic(
    name: str,
    question: Message,
    null: Message,
    column: str,
    statistic: float | None,
    p_value: float | None,
    verdict: Verdict,
    detail: Message,
) -> Diagnostic:
    return Diagnostic(
        name=name,
        question=question,
        null=null,
        statistic=statistic,
        p_value=p_value,
        verdict=verdict,
        detail=detail,
        outcome=column,
    )
