"""The vocabulary of plans, results and advice: every code that may stand in one of their files."""

from enum import StrEnum


class Design(StrEnum):
    """How the comparison came about."""

    INDIVIDUAL_RANDOMISED = "individual_randomised"
    CLUSTER_RANDOMISED = "cluster_randomised"
    STEPPED_WEDGE = "stepped_wedge"
    TWO_PERIOD_DID = "two_period_did"
    STAGGERED_ADOPTION = "staggered_adoption"
    INTERRUPTED_TIME_SERIES = "interrupted_time_series"
    CONTROLLED_INTERRUPTED_TIME_SERIES = "controlled_interrupted_time_series"
    MATCHED_COMPARISON = "matched_comparison"
    SYNTHETIC_CONTROL = "synthetic_control"
    BEFORE_AFTER = "before_after"
    SURVEY_BEFORE_AFTER = "survey_before_after"


class Estimand(StrEnum):
    """Whose effect is asked for."""

    ITT = "itt"
    ATT = "att"
    ATE = "ate"
    CACE = "cace"


class Spillover(StrEnum):
    """Whom treatment may influence besides the treated, as far as the plan expects."""

    NONE = "none"
    WITHIN_CLUSTERS = "within_clusters"
    BETWEEN_CLUSTERS = "between_clusters"


class Strategy(StrEnum):
    """How the estimand takes an event after assignment (ICH E9(R1))."""

    TREATMENT_POLICY = "treatment_policy"
    COMPOSITE = "composite"
    HYPOTHETICAL = "hypothetical"
    WHILE_ON_TREATMENT = "while_on_treatment"
    PRINCIPAL_STRATUM = "principal_stratum"


class Role(StrEnum):
    """What an outcome is for in the decision."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    GUARDRAIL = "guardrail"


class Domain(StrEnum):
    """Which perspective an outcome speaks for."""

    CITIZEN = "citizen"
    STAFF = "staff"
    ORGANISATION = "organisation"
    TECHNOLOGY = "technology"
    ECONOMY = "economy"
    SAFETY = "safety"
    EQUITY = "equity"


class Better(StrEnum):
    """Which direction of an outcome is an improvement."""

    HIGHER = "higher"
    LOWER = "lower"


class Claim(StrEnum):
    """What is to be shown: superiority, or non-inferiority by the margin."""

    BETTER = "better"
    NOT_WORSE = "not_worse"


class Family(StrEnum):
    """Distribution family of the outcome."""

    GAUSSIAN = "gaussian"
    POISSON = "poisson"
    BINOMIAL = "binomial"


class FixedEffect(StrEnum):
    """Which sets of dummies enter."""

    UNIT = "unit"
    PERIOD = "period"
    GROUP = "group"
    CLUSTER = "cluster"
    STRATA = "strata"


class Control(StrEnum):
    """Who stands for the untreated in staggered adoption."""

    NEVER_TREATED = "never_treated"
    NOT_YET_TREATED = "not_yet_treated"


class BasePeriod(StrEnum):
    """Since when a change is measured before treatment: the period before, or always the last one before treatment."""

    VARYING = "varying"
    UNIVERSAL = "universal"


class WorkingModel(StrEnum):
    """Correlation structure assumed in a stepped wedge."""

    HUSSEY_HUGHES = "hussey_hughes"
    NESTED_EXCHANGEABLE = "nested_exchangeable"
    EXPOSURE_TIME = "exposure_time"
    FIXED_EFFECTS = "fixed_effects"


class Estimator(StrEnum):
    """Named alternatives within a design."""

    DIFFERENCE_IN_MEANS = "difference_in_means"
    LIN = "lin"
    CALLAWAY_SANTANNA = "callaway_santanna"
    TWFE = "twfe"
    IMPUTATION = "imputation"
    SUN_ABRAHAM = "sun_abraham"
    IPW = "ipw"
    AIPW = "aipw"
    MATCHING = "matching"
    SYNTHETIC_DID = "synthetic_did"
    SYNTHETIC_CONTROL = "synthetic_control"
    DID = "did"


class Change(StrEnum):
    """Which change an interrupted series models at the start."""

    LEVEL = "level"
    SLOPE = "slope"


class StandardError(StrEnum):
    """Standard-error names; each has one formula, in the docstring of the function that computes it."""

    IID = "iid"
    HC1 = "hc1"
    HC2 = "hc2"
    HC3 = "hc3"
    CR0 = "cr0"
    CR1 = "cr1"
    CR1S = "cr1s"
    CR2 = "cr2"
    CR3 = "cr3"
    NEWEY_WEST = "newey_west"
    MODEL_BASED = "model_based"
    SANDWICH = "sandwich"
    INFLUENCE = "influence"
    INFLUENCE_SMALL = "influence_small"
    PLACEBO = "placebo"
    LINEARISED = "linearised"
    ABADIE_IMBENS = "abadie_imbens"


class WorkingVariance(StrEnum):
    """Variance that cr2 takes as its working model: equal for every row, or inverse to the weight."""

    IDENTITY = "identity"
    INVERSE_WEIGHT = "inverse_weight"


class DfMethod(StrEnum):
    """Degrees of freedom of mixed models."""

    KENWARD_ROGER = "kenward_roger"
    SATTERTHWAITE = "satterthwaite"
    RESIDUAL = "residual"


class BootstrapKind(StrEnum):
    """Resampling scheme of the second opinion."""

    WILD = "wild"


class BootstrapWeights(StrEnum):
    """Distribution of the multipliers of a wild bootstrap."""

    RADEMACHER = "rademacher"
    WEBB = "webb"


class MissingMethod(StrEnum):
    """What is done about rows without an outcome."""

    COMPLETE_CASES = "complete_cases"
    RESPONSE_WEIGHTS = "response_weights"
    MULTIPLE_IMPUTATION = "multiple_imputation"


class Calibration(StrEnum):
    """How survey weights are tied to known population totals."""

    NONE = "none"
    POSTSTRATIFICATION = "poststratification"
    RAKING = "raking"
    GREG = "greg"


class Adjustment(StrEnum):
    """Correction for testing several outcomes."""

    HOLM = "holm"
    BONFERRONI = "bonferroni"
    BENJAMINI_HOCHBERG = "benjamini_hochberg"
    WESTFALL_YOUNG = "westfall_young"
    ROMANO_WOLF = "romano_wolf"
    NONE = "none"


class IndexMethod(StrEnum):
    """How the parts of a domain index are weighted."""

    KLING_LIEBMAN_KATZ = "kling_liebman_katz"
    ANDERSON = "anderson"


class Aggregation(StrEnum):
    """Over what an effect is averaged."""

    OVERALL = "overall"
    SIMPLE = "simple"
    DYNAMIC = "dynamic"
    GROUP = "group"
    CALENDAR = "calendar"
    GROUP_TIME = "group_time"
    EVENT_TIME = "event_time"
    LEVEL_CHANGE = "level_change"
    SLOPE_CHANGE = "slope_change"
    INTERACTION = "interaction"


class AnalysisRole(StrEnum):
    """Standing of an entry: asked for first, a second opinion, or outside the claims."""

    PRIMARY = "primary"
    SENSITIVITY = "sensitivity"
    EXPLORATORY = "exploratory"


class Verdict(StrEnum):
    """What a diagnostic concludes."""

    PASS = "pass"
    WARN = "warn"
    FAIL = "fail"
    INAPPLICABLE = "inapplicable"


class Reason(StrEnum):
    """Why an effect could not be estimated."""

    NOT_IMPLEMENTED = "not_implemented"
    NO_ROWS = "no_rows"
    TOO_FEW_ROWS = "too_few_rows"
    EMPTY_ARM = "empty_arm"
    TOO_FEW_CLUSTERS = "too_few_clusters"
    CONSTANT_OUTCOME = "constant_outcome"
    NO_RESIDUAL_VARIATION = "no_residual_variation"
    COLLINEAR = "collinear"
    NOT_FINITE = "not_finite"
    NEEDS_ROWS = "needs_rows"
    NO_FIRST_STAGE = "no_first_stage"
    SEPARATION = "separation"
    NO_COVARIATES = "no_covariates"
    LONELY_CLUSTER = "lonely_cluster"
    CALIBRATION = "calibration"
    SAMPLING = "sampling"
    NO_COMPARISON = "no_comparison"
    NO_BASELINE = "no_baseline"
    NOT_A_PANEL = "not_a_panel"
    TOO_FEW_PERIODS = "too_few_periods"
    UNEVEN_PERIODS = "uneven_periods"
    SEVERAL_STARTS = "several_starts"
    TREATMENT_REVERSED = "treatment_reversed"
    OUT_OF_RANGE = "out_of_range"


class DropReason(StrEnum):
    """Why a row was left out of an estimate."""

    MISSING_ROLE = "missing_role"
    MISSING_WEIGHT = "missing_weight"
    ZERO_WEIGHT = "zero_weight"
    MISSING_OUTCOME = "missing_outcome"
    MISSING_COVARIATE = "missing_covariate"


class Kind(StrEnum):
    """The advice that can be given."""

    STOP = "STOP"
    PAUSE_AND_REVIEW = "PAUSE_AND_REVIEW"
    ROLL_OUT = "ROLL_OUT"
    ROLL_OUT_IN_STAGES = "ROLL_OUT_IN_STAGES"
    EXTEND = "EXTEND"
    NOT_ENOUGH_EVIDENCE = "NOT_ENOUGH_EVIDENCE"
