"""The bias that loss of persons could cause: the attrition model of the What Works Clearinghouse.

Outcome and the propensity to respond are jointly normal with correlation alpha; those above a cut respond, so that the
mean outcome of an arm's respondents is off by alpha x phi(z) / p in standard deviations, p the share that responds and
z = Phi^-1(1 - p) (Deke and Chiang 2017, Evaluation Review 41:130-154). The cautious correlations are 0.45 and 0.39.
The model does not know in which arm loss is the more selective; the published boundaries, which depend on the size of
the difference only, follow when the larger correlation goes to the arm that lost more, and so it is done here.
"""

from statistics import NormalDist

NORMAL = NormalDist()


def potential_bias(attrition_treated: float, attrition_control: float, alpha_more: float, alpha_less: float) -> float:
    """Largest plausible bias in standard deviations, from the shares lost (0 to 1); infinite when an arm is lost."""
    more = max(attrition_treated, attrition_control)
    less = min(attrition_treated, attrition_control)
    if more == 1:
        return float("inf")
    return abs(alpha_more * _selection(1 - more) - alpha_less * _selection(1 - less))


def _selection(responding: float) -> float:
    """Mean of a standard normal variable above the cut that the responding share passes (inverse Mills ratio)."""
    if responding >= 1:
        return 0.0
    return NORMAL.pdf(NORMAL.inv_cdf(1 - responding)) / responding
