"""What a synthetic comparison rests on: its fit before the start, single donors, an earlier start, few donors."""

from math import comb
from typing import Final

import numpy as np

from effects.codes import Estimator, Verdict
from effects.estimators.synthetic.panel import LEAST_BEFORE, Panel
from effects.estimators.synthetic.placebos import MOST_WORK, Answered, Placebos, actual
from effects.estimators.synthetic.weights import Contrasts, tuning, weigh
from effects.message import Message
from effects.results import Diagnostic

POOR_FIT: Final = 2.0
ONE_ERROR: Final = 1.0
TWO_ERRORS: Final = 2.0
HALF: Final = 0.5
MOST_LEFT_OUT: Final = 40


def synthetic_checks(
    panel: Panel, placebos: Placebos, found: Answered, estimator: Estimator, column: str
) -> tuple[Diagnostic, ...]:
    """Every check of the primary estimator."""
    return (
        _fit_before(panel, found, column),
        _without_one(panel, found, estimator, column),
        _earlier(panel, found, estimator, column),
        _concentration(panel, found, column),
        _enumerated(panel, placebos, column),
    )


def _fit_before(panel: Panel, found: Answered, column: str) -> Diagnostic:
    """Gap before the start, as a multiple of the median over the placebos (Abadie, Diamond and Hainmueller 2010)."""
    own, usual = float(found.actual.rmse[0]), float(np.median(found.placebos.rmse))
    ratio = own / usual if usual > 0.0 else None
    return Diagnostic(
        name="fit_before_start",
        question=Message("Did the weighted donors follow the treated units before the start?"),
        null=Message(
            "The gap before the start is at most {most:g} times that of a typical placebo.", {"most": POOR_FIT}
        ),
        statistic=ratio,
        p_value=None,
        verdict=Verdict.INAPPLICABLE if ratio is None else Verdict.WARN if ratio > POOR_FIT else Verdict.PASS,
        detail=Message(
            "root mean square gap {own:.4g}, of a typical placebo {usual:.4g}",
            {"own": own * panel.scale, "usual": usual * panel.scale},
        ),
        outcome=column,
    )


def _without_one(panel: Panel, found: Answered, estimator: Estimator, column: str) -> Diagnostic:
    """The estimate without each of the heaviest donors; the largest move in standard errors."""
    real = actual(panel)
    most = min(MOST_LEFT_OUT, MOST_WORK // (4 * max(panel.donors, panel.before)))
    heaviest = np.argsort(-found.actual.units[0, : panel.donors], kind="stable")[:most]
    left_out = np.zeros((len(heaviest), len(panel.outcomes)), dtype=np.bool_)
    left_out[np.arange(len(heaviest)), heaviest] = True
    reduced = Contrasts(real.controls & ~left_out, np.repeat(real.treated, len(heaviest), axis=0))
    chosen = tuning(panel.outcomes, panel.before, real, estimator)
    effects = weigh(panel.outcomes, panel.before, reduced, estimator, chosen, found.actual).effects
    move = float(np.max(np.abs(effects - found.estimate))) / found.standard_error
    ends = {"low": float(effects.min()) * panel.scale, "high": float(effects.max()) * panel.scale}
    return Diagnostic(
        name="leave_one_donor_out",
        question=Message("Does the answer hang on one donor?"),
        null=Message("No donor moves the estimate by more than one standard error."),
        statistic=move,
        p_value=None,
        verdict=Verdict.WARN if move > ONE_ERROR else Verdict.PASS,
        detail=Message(
            "without one of {donors} donors the estimate lies between {low:.4g} and {high:.4g}",
            {"donors": len(heaviest), **ends},
        ),
        outcome=column,
    )


def _earlier(panel: Panel, found: Answered, estimator: Estimator, column: str) -> Diagnostic:
    """The effect of a start half-way through the periods before the real one, from these alone."""
    earlier = panel.before // 2
    effect = None
    if earlier >= LEAST_BEFORE:
        past, real = panel.outcomes[:, : panel.before], actual(panel)
        chosen = tuning(past, earlier, real, estimator)
        effect = float(weigh(past, earlier, real, estimator, chosen).effects[0])
    large = effect is not None and abs(effect) > TWO_ERRORS * found.standard_error
    return Diagnostic(
        name="in_time_placebo",
        question=Message("Is there an effect where there was no treatment yet?"),
        null=Message("A start half-way through the time before gives an effect within two standard errors of zero."),
        statistic=None if effect is None else effect * panel.scale,
        p_value=None,
        verdict=Verdict.INAPPLICABLE if effect is None else Verdict.WARN if large else Verdict.PASS,
        detail=Message("too few periods before the start")
        if effect is None
        else Message("{periods} periods before the imagined start", {"periods": earlier}),
        outcome=column,
    )


def _concentration(panel: Panel, found: Answered, column: str) -> Diagnostic:
    """Weight of the heaviest donor, with the effective number of donors, 1 / sum of squared weights."""
    weights = found.actual.units[0, : panel.donors]
    heaviest = int(np.argmax(weights))
    return Diagnostic(
        name="donor_weights",
        question=Message("Do a few donors carry the comparison?"),
        null=Message("No donor has more than half of the weight."),
        statistic=float(weights[heaviest]),
        p_value=None,
        verdict=Verdict.WARN if weights[heaviest] > HALF else Verdict.PASS,
        detail=Message(
            "{share:.1%} on {donor}; as many as {effective:.1f} equal donors",
            {
                "share": float(weights[heaviest]),
                "donor": panel.labels[heaviest],
                "effective": float(1.0 / np.sum(weights**2)),
            },
        ),
        outcome=column,
    )


def _enumerated(panel: Panel, placebos: Placebos, column: str) -> Diagnostic:
    """Share of all sets of donors that took the place of the treated units, 1 where none was left out."""
    count, possible = len(placebos.members), comb(panel.donors, panel.treated)
    return Diagnostic(
        name="placebos_enumerated",
        question=Message("Did every donor, or set of donors, take the place of the treated units?"),
        null=Message("All placebos are gone through."),
        statistic=count / possible,
        p_value=None,
        verdict=Verdict.PASS if placebos.everything else Verdict.WARN,
        detail=Message("{placebos} of {possible:.6g} placebos", {"placebos": count, "possible": float(possible)}),
        outcome=column,
    )
