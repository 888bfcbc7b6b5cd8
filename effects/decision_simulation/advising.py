"""The advice of the full rules on many cases, each worked out once for all cases that the rules cannot tell apart.

Of an indicator's figures the rules read on which side of their thresholds they lie; what they make of that is worked
out once for all replications on the same sides. Of what they make of it the recommendation reads a little: whether the
indicator is harmed or gains nothing, whether harm is excluded, its certainty, whether its claim is carried. One case is
put to the rules for all replications alike in that.
"""

from typing import TypeAlias

import numpy as np

from effects.case import Case
from effects.codes import Claim, Kind, Role
from effects.decision_simulation.figures import Figures
from effects.decision_simulation.setting import Expected, Setting
from effects.recommendation import standing
from effects.rows.columns import Codes, Numbers
from effects.rules.certainty import certainty
from effects.rules.claims import alpha_now
from effects.rules.conditions import NO_GAIN
from effects.rules.ruleset import Ruleset
from effects.rules.verdicts import Verdict, shows_no_harm, verdict

Advice: TypeAlias = tuple[Kind, str]
Known: TypeAlias = dict[bytes, Advice]


def advise(setting: Setting, figures: Figures, ruleset: Ruleset, known: Known) -> list[Advice]:
    """Kind and rule for each replication; `known` keeps what was worked out, for the next truth of the same setting."""
    template, keys = setting.case, signatures(setting, figures, ruleset)
    _, first, place = np.unique(keys, axis=0, return_index=True, return_inverse=True)
    found: list[Advice] = []
    for row in first.tolist():
        key = keys[row].tobytes()
        if key not in known:
            kind, rule, _ = standing(figures.case(template, row), ruleset)
            known[key] = Kind(kind), rule
        found.append(known[key])
    return [found[index] for index in place.ravel().tolist()]


def signatures(setting: Setting, figures: Figures, ruleset: Ruleset) -> Codes:
    """All that the recommendation can see of each replication, (replications, 1 or 2 columns an indicator)."""
    template = setting.case
    read = [_read(template, place, item, figures, ruleset) for place, item in enumerate(setting.indicators)]
    return np.ascontiguousarray(np.column_stack([*read, _carried(setting, figures, template, ruleset)]))


def _read(template: Case, place: int, item: Expected, figures: Figures, ruleset: Ruleset) -> Codes:
    """What the rules make of one indicator, a code for each replication (replications,)."""
    sides = _sides(item, place, figures, ruleset)
    _, first, same = np.unique(sides, axis=0, return_index=True, return_inverse=True)
    codes = np.array([_code(figures.case(template, row), place, ruleset) for row in first.tolist()], dtype=np.int64)
    found: Codes = codes[same.ravel()]
    return found


def _code(case: Case, place: int, ruleset: Ruleset) -> int:
    """Verdict as far as it counts, exclusion of harm, and the range of the certainty, as the digits of a number."""
    indicator = case.indicators[place]
    graded, finding = certainty(case, indicator, ruleset), verdict(indicator)
    weight = 3 if finding is Verdict.BENEFIT_BELOW_IMPORTANCE else 0
    if finding in NO_GAIN:
        weight = 2 if finding is Verdict.IMPORTANT_HARM else 1
    unharmed = int(shows_no_harm(indicator) is True)
    return int(f"{weight}{unharmed}{graded.lowest}{graded.highest}")


def _sides(item: Expected, place: int, figures: Figures, ruleset: Ruleset) -> Codes:
    """The place of interval and predictive interval among the thresholds of one indicator."""
    important, margin = item.minimal_important, item.harm_margin
    large = ruleset.steps["UP"].at("times_important") * important
    found = [
        _place(figures.low[:, place], [-important, -margin, 0.0, important, large]),
        _place(figures.high[:, place], [-important, -margin, 0.0, important]),
    ]
    if figures.predictive_low is not None and figures.apart is not None:
        found.append(_place(figures.predictive_low[:, place], [-important]))
        found.append(figures.apart[:, place].astype(np.int64))
    return np.column_stack(found)


def _place(values: Numbers, thresholds: list[float]) -> Codes:
    """A code for the place among thresholds, another one on a threshold itself."""
    ordered = np.unique(thresholds)
    found: Codes = np.searchsorted(ordered, values) + np.searchsorted(ordered, values, side="right")
    return found


def _carried(setting: Setting, figures: Figures, template: Case, ruleset: Ruleset) -> Codes:
    """Whether each primary claim is proven by Holm, or carried by a proven conjunction (0 or 1)."""
    chosen = [place for place, item in enumerate(setting.indicators) if item.role is Role.PRIMARY]
    if not chosen:
        return np.zeros((len(figures.low), 0), dtype=np.int64)
    p_values = np.column_stack([_p_value(setting.indicators[place], place, figures) for place in chosen])
    alpha, number = alpha_now(template, ruleset), len(chosen)
    required = template.claims_required or int(ruleset.constant("claims_required"))
    order = np.argsort(p_values, axis=1, kind="stable")
    ordered = np.take_along_axis(p_values, order, axis=1)
    stepped = np.maximum.accumulate(ordered * np.arange(number, 0, -1), axis=1)
    count = (np.minimum(stepped, 1.0) <= alpha).sum(axis=1)
    if required <= number:
        alike = ((number - required + 1) * ordered <= alpha).sum(axis=1)
        count = np.maximum(count, np.where(alike >= required, alike, 0))
    found = np.zeros(p_values.shape, dtype=np.int64)
    np.put_along_axis(found, order, (np.arange(number) < count[:, None]).astype(np.int64), axis=1)
    return found


def _p_value(item: Expected, place: int, figures: Figures) -> Numbers:
    """Directional two-sided p of the indicator's claim."""
    if item.claim is Claim.BETTER:
        return np.where(figures.estimate[:, place] <= 0.0, 1.0, figures.p_value[:, place])
    return np.where(figures.estimate[:, place] + item.harm_margin <= 0.0, 1.0, figures.margin_p_value[:, place])
