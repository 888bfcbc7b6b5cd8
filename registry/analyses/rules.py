"""Who may run a plan, what keeps a run from starting, and what an effect means in words."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from effects.codes import StandardError
from effects.errors import Finding
from effects.message import Message
from effects.planning.rules import CLUSTERED, HETEROSKEDASTIC
from effects.version import EFFECTS_VERSION
from registry.kit.access import SIGNED_IN, Permission
from registry.people.rules import Role

RUN: Final = Permission("analyses.run", frozenset({Role.EVALUATOR}))
RETRACT: Final = Permission("analyses.retract", frozenset({Role.EVALUATOR}))
VIEW: Final = SIGNED_IN
"""Anyone signed in may ask; what they see follows from the pilot."""

JOB: Final = "analysis.run"
SUBJECT: Final = "analysis:{}"


class Meaning(StrEnum):
    """What an effect says after adjustment for the number of indicators."""

    IMPROVEMENT = "improvement"
    DETERIORATION = "deterioration"
    NOT_DISTINGUISHABLE = "not_distinguishable"
    NOT_ESTIMABLE = "not_estimable"


WORDS: Final[Mapping[Meaning, Message]] = {
    Meaning.IMPROVEMENT: Message("Better, and distinguishable from no effect"),
    Meaning.DETERIORATION: Message("Worse, and distinguishable from no effect"),
    Meaning.NOT_DISTINGUISHABLE: Message("Not distinguishable from no effect"),
    Meaning.NOT_ESTIMABLE: Message("Cannot be estimated"),
}

ESTIMATORS: Final[Mapping[str, Message]] = {
    "difference_in_means": Message("Difference in means"),
    "lin": Message("Least squares with centred covariates interacted with treatment (Lin 2013)"),
    "ols": Message("Least squares"),
    "ols_fixed_effects": Message("Least squares with fixed effects"),
    "wls_fixed_effects": Message("Weighted least squares with fixed effects"),
    "cluster_weighted": Message("Least squares with clusters of equal weight"),
    "reml_random_intercept": Message("Mixed model with a random intercept for clusters"),
    "reml_hussey_hughes": Message("Mixed model with random clusters (Hussey and Hughes 2007)"),
    "reml_nested_exchangeable": Message("Mixed model with random clusters and cluster-periods (nested exchangeable)"),
    "reml_exposure_time": Message("Mixed model, average over exposure times (Kenny et al. 2022)"),
    "paired_change": Message("Mean paired change"),
    "placebo_change": Message("Difference in mean changes, judged by placebos"),
    "weighted_means": Message("Difference of calibrated means"),
    "segmented_ols": Message("Segmented regression by least squares"),
    "segmented_gls_ar1": Message("Segmented regression with AR(1) errors (REML)"),
    "segmented_quasi_poisson": Message("Segmented quasi-Poisson regression"),
    "segmented_quasi_binomial": Message("Segmented quasi-binomial regression"),
    "callaway_santanna": Message("Callaway and Sant'Anna 2021"),
    "sun_abraham": Message("Sun and Abraham 2021"),
    "imputation": Message("Imputation (Borusyak, Jaravel and Spiess 2024)"),
    "twfe": Message("Two-way fixed effects"),
    "aipw": Message("Doubly robust (AIPW)"),
    "ipw": Message("Inverse probability weighting"),
    "matching": Message("Nearest-neighbour matching"),
    "synthetic_did": Message("Synthetic difference in differences"),
    "synthetic_control": Message("Synthetic control"),
    "did": Message("Difference in differences"),
}
"""How an estimate was come by, by the name that its result file gives."""

_BY_ROWS: Final = Message("rows less coefficients")
_BY_CLUSTERS: Final = Message("clusters less one")
DF_METHODS: Final[Mapping[str, Message]] = {
    **dict.fromkeys(HETEROSKEDASTIC, _BY_ROWS),
    **dict.fromkeys(CLUSTERED, _BY_CLUSTERS),
    StandardError.CR2: Message("Satterthwaite's approximation (Bell and McCaffrey 2002)"),
}
"""Where the degrees of freedom come from, by kind of standard error."""

CANNOT_RUN: Final = Message("The analysis cannot run yet.")
RUNNING: Final = Message("This analysis is running already. Its result appears on its page.")
NO_RESULT_YET: Final = Message("This analysis has no result that could be retracted.")
RETRACTED_ALREADY: Final = Message("This result is retracted already.")
OTHER_BYTES: Final = Message(
    "The rerun gave other bytes than the first run. The first result is kept. Tell the operator: "
    "the service was changed, or its files were."
)


def other_version(made: str) -> Message | None:
    """Why an analysis that belongs to version `made` of the method cannot be run by the one installed, if so."""
    if made == EFFECTS_VERSION:
        return None
    return Message(
        "This result was made by version {made} of the method, and version {installed} is installed. "
        "Run the analysis anew from the list: both results are kept.",
        {"made": made, "installed": EFFECTS_VERSION},
    )


def obstacles(plan_locked: bool, version_approved: bool) -> list[Finding]:
    """Everything that keeps a run from starting; empty when it may."""
    found = []
    if not plan_locked:
        found.append(
            Finding("plan", "no_plan", "No analysis plan is locked yet.", "The evaluator locks one on the plan page.")
        )
    if not version_approved:
        found.append(
            Finding(
                "dataset_version",
                "no_rows",
                "No dataset version with the columns of the locked plan is approved yet.",
                "A second person approves one on the data page.",
            )
        )
    return found
