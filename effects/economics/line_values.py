"""The drill-down: what each line contributes, what it was worked out from, and its share of the uncertainty."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from effects.economics.business_case import BusinessCase
from effects.economics.codes import Payer, Status
from effects.economics.products import Factor
from effects.economics.stated import Line
from effects.economics.sums import Sums
from effects.economics.valuation import LineValue
from effects.message import Message


def line_values(
    case: BusinessCase, sums: Sums, unknown: Mapping[str, Message], *, whole: bool
) -> tuple[LineValue, ...]:
    """Every line in the order of the case; `whole` says that all that count are known, so that shares have a sum."""
    place = {line.title: row for row, line in enumerate(sums.lines)}
    terms, shares = sums.terms, _variance_shares(sums) if whole else None
    answers = []
    for line in case.lines:
        answer = _described(case, line)
        if line.title in unknown:
            answer = replace(answer, unknown=unknown[line.title])
        else:
            answer = _worked_out(answer, sums, place[line.title], terms)
            if shares is not None and answer.counted:
                answer = replace(answer, variance_share=shares[place[line.title]])
        answers.append(answer)
    return tuple(answers)


def tornado(lines: Sequence[LineValue]) -> tuple[str, ...]:
    """Titles by share of the variance, largest first; lines that add none stay out."""
    spread = [line for line in lines if line.variance_share]
    return tuple(line.title for line in sorted(spread, key=lambda line: -abs(line.variance_share or 0.0)))


def by_payer(lines: Sequence[LineValue]) -> dict[Payer, float]:
    """Net value of each payer, counted or not, of whom every line is known."""
    payers = dict.fromkeys(line.payer for line in lines)
    means = {payer: [line.mean for line in lines if line.payer == payer] for payer in payers}
    return {
        payer: sum(map(float, known)) for payer, found in means.items() if len(known := _known(found)) == len(found)
    }


def guessed_share(lines: Sequence[LineValue]) -> float | None:
    """Share of the absolute values of the counted lines that rests on guesses; None where there is nothing to share."""
    sizes = [(abs(line.mean), line.guessed) for line in lines if line.counted and line.mean is not None]
    whole = sum(size for size, _ in sizes)
    return sum(size for size, guessed in sizes if guessed) / whole if whole > 0 else None


def _known(values: Sequence[float | None]) -> list[float]:
    return [value for value in values if value is not None]


def _described(case: BusinessCase, line: Line) -> LineValue:
    volume = case.volume(line.volume)
    volume_status = None if volume is None else volume.status
    return LineValue(
        title=line.title,
        kind=line.kind,
        payer=line.payer,
        timing=line.timing,
        scope=line.scope,
        counted=case.counts(line),
        status=line.status,
        volume_status=volume_status,
        guessed=Status.GUESSED in (line.status, volume_status),
        source=line.source,
        indicator=line.indicator,
        multiplier=line.multiplier,
        haircut=case.haircut(line),
    )


def _worked_out(answer: LineValue, sums: Sums, row: int, terms: Factor) -> LineValue:
    alone = np.eye(len(sums.lines))[row] * np.where(np.isnan(sums.weights), 0.0, sums.weights)
    mean, sd = terms.total(alone)
    valued = answer.indicator is not None
    return replace(
        answer,
        units=float(sums.nation[row] * sums.volume.mean[row]),
        amount=float(sums.amount.mean[row]),
        amount_sd=_sd(sums.amount, row),
        effect=float(sums.effect.mean[row]) if valued else None,
        effect_sd=_sd(sums.effect, row) if valued else None,
        years=float(sums.worth[row]),
        mean=mean,
        sd=sd,
    )


def _sd(factor: Factor, row: int) -> float:
    return float(np.sqrt(factor.covariance[row, row]))


def _variance_shares(sums: Sums) -> list[float] | None:
    """Each line's covariance with the sum, over the variance of the sum; None where nothing is uncertain."""
    weights = sums.net_weights
    shares = weights * (sums.terms.covariance @ weights)
    whole = float(shares.sum())
    return [float(share / whole) for share in shares] if whole > 0 else None
