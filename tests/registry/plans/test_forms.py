"""The plan form: from fields to a plan file and back."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.codes import (
    BootstrapWeights,
    Change,
    Claim,
    Control,
    Design,
    Estimand,
    Estimator,
    FixedEffect,
    Role,
    StandardError,
    WorkingModel,
)
from effects.errors import Finding
from effects.plan import AnalysisPlan
from registry.plans import forms
from registry.plans.schemas import OutcomeRow, PlanForm
from tests.registry.plans.story import LANGUAGE, PLAN, STRAIN, an_agreed

AGREED = [an_agreed(LANGUAGE), an_agreed(STRAIN)]


def a_form(**changes: Any) -> PlanForm:
    """What an evaluator types for the plan of the story."""
    typed: dict[str, Any] = {
        "title": "Two indicators of a digital service",
        "design": Design.STEPPED_WEDGE,
        "estimand": Estimand.ITT,
        "unit": "area",
        "period": "week",
        "treated": "digital",
        "weight": "n",
        "working_model": WorkingModel.FIXED_EFFECTS,
        "fixed_effects": (FixedEffect.UNIT, FixedEffect.PERIOD),
        "standard_error": StandardError.CR2,
        "seed": 20211215,
        "primary": "holm",
        "outcomes": (
            OutcomeRow(column="language", role=Role.PRIMARY, minimal_important=0.05),
            OutcomeRow(column="strain", role=Role.SECONDARY, covariates="age, factor(season)"),
        ),
    }
    return PlanForm(**{**typed, **changes})


def made(form: PlanForm, before: dict[str, Any] | None = None) -> AnalysisPlan:
    return AnalysisPlan.from_mapping(forms.stated(form, before or {}, AGREED))


def test_the_form_and_the_file_give_one_fingerprint() -> None:
    written = AnalysisPlan.from_text(
        PLAN.replace('[[outcome]]\ncolumn = "strain"', '[[outcome]]\nname = "Strain"\ncolumn = "strain"')
    )
    assert made(a_form()).fingerprint == written.fingerprint


def test_name_domain_and_direction_come_from_what_was_agreed() -> None:
    outcome = made(a_form()).outcomes[1]
    assert (outcome.name, outcome.domain, outcome.better) == ("Strain", "staff", "lower")


def test_an_outcome_without_a_role_is_left_out() -> None:
    rows = (OutcomeRow(column="strain"), OutcomeRow(column="language", role=Role.PRIMARY, minimal_important=0.05))
    assert [outcome.column for outcome in made(a_form(outcomes=rows)).outcomes] == ["language"]


def test_what_the_form_has_no_field_for_stays() -> None:
    before = AnalysisPlan.from_text(PLAN + '\n[[subgroup]]\ncolumn = "size_class"\n').to_mapping()
    before["inference"]["df_method"] = "satterthwaite"  # type: ignore[index]
    before["inference"]["standard_error"] = "model_based"  # type: ignore[index]
    before["model"] = {"working_model": "hussey_hughes"}
    changes = {"working_model": WorkingModel.HUSSEY_HUGHES, "fixed_effects": ()}
    plan = made(a_form(title="Another title", standard_error=StandardError.MODEL_BASED, **changes), before)
    assert [subgroup.column for subgroup in plan.subgroups] == ["size_class"]
    assert plan.inference.df_method == "satterthwaite"
    assert plan.title == "Another title"


def test_second_opinions_are_asked_for_and_taken_away() -> None:
    asked = made(a_form(permutation=999, bootstrap=BootstrapWeights.WEBB))
    assert asked.inference.permutation is not None
    assert asked.inference.permutation.draws == 999
    assert asked.inference.bootstrap is not None
    assert (asked.inference.bootstrap.kind, asked.inference.bootstrap.weights) == ("wild", "webb")
    before = asked.to_mapping()
    before["inference"]["bootstrap"]["draws"] = 499  # type: ignore[index]
    values = forms.typed(before, "en")
    assert (values["form.permutation"], values["form.bootstrap"]) == (999, "webb")
    kept = made(a_form(bootstrap=BootstrapWeights.RADEMACHER), before).inference
    assert kept.permutation is None
    assert kept.bootstrap is not None
    assert (kept.bootstrap.weights, kept.bootstrap.draws) == ("rademacher", 499)


def test_every_design_can_be_stated_in_the_form() -> None:
    plain = {"unit": "", "period": "", "treated": "", "weight": "", "working_model": None, "fixed_effects": ()}
    plain |= {"standard_error": None, "seed": None, "estimand": Estimand.ATT}
    series = {"period": "month", "start": "2017-03", "change": (Change.LEVEL,), "harmonics": 2, "period_length": 12.0}
    told: dict[Design, dict[str, Any]] = {
        Design.INDIVIDUAL_RANDOMISED: {"treated": "arm", "estimand": Estimand.ITT},
        Design.CLUSTER_RANDOMISED: {"treated": "arm", "cluster": "school", "estimand": Estimand.ITT},
        Design.STEPPED_WEDGE: {"treated": "arm", "unit": "school", "period": "month", "estimand": Estimand.ITT},
        Design.TWO_PERIOD_DID: {"group": "arm", "unit": "school", "period": "month"},
        Design.STAGGERED_ADOPTION: {
            "unit": "school",
            "period": "month",
            "first_treated": "began",
            "control": Control.NOT_YET_TREATED,
            "estimator": Estimator.CALLAWAY_SANTANNA,
        },
        Design.INTERRUPTED_TIME_SERIES: series,
        Design.CONTROLLED_INTERRUPTED_TIME_SERIES: {**series, "group": "arm"},
        Design.MATCHED_COMPARISON: {"treated": "arm", "estimator": Estimator.AIPW},
        Design.SYNTHETIC_CONTROL: {"treated": "arm", "unit": "school", "period": "month"},
        Design.BEFORE_AFTER: {"unit": "school", "period": "month", "start": "2017-03"},
        Design.SURVEY_BEFORE_AFTER: {"wave": "wave", "fpc": "schools", "weight": "w", "cluster": "school"},
    }
    assert set(told) == set(Design)
    rows = (OutcomeRow(column="language", role=Role.PRIMARY, minimal_important=0.05, covariates="x"),)
    for design, typed in told.items():
        plan = made(a_form(**{**plain, "design": design, "outcomes": rows, **typed}))
        assert plan.design == design


def test_an_emptied_field_is_taken_out_of_the_plan() -> None:
    before = AnalysisPlan.from_text(PLAN).to_mapping()
    plan = made(a_form(weight="", seed=None), before)
    assert plan.data.weight is None and plan.inference.seed is None


@pytest.mark.parametrize(("typed", "meant"), [("2005", 2005), ("2005.5", 2005.5), ("2005-01-01", "2005-01-01")])
def test_a_start_is_a_number_or_a_date(typed: str, meant: object) -> None:
    assert forms.stated(a_form(start=typed), {}, AGREED)["data"]["start"] == meant


@pytest.mark.parametrize(("language", "shown"), [("da", "0,05"), ("en", "0.05")])
def test_a_plan_fills_the_form_as_the_language_writes_numbers(language: str, shown: str) -> None:
    mapping = AnalysisPlan.from_text(PLAN).to_mapping()
    values = forms.typed(mapping, language)
    assert values["form.design"] == "stepped_wedge" and values["form.unit"] == "area"
    assert values["form.fixed_effects"] == ["unit", "period"]
    rows = forms.rows(values, mapping, AGREED, language)
    assert rows[0]["minimal_important"] == shown
    assert rows[1]["covariates"] == "age, factor(season)"


def test_a_new_plan_begins_with_the_agreed_indicators() -> None:
    rows = forms.rows({}, {}, AGREED, "en")
    assert [(row["column"], row["role"]) for row in rows] == [("language", "primary"), ("strain", "secondary")]


def test_an_agreed_indicator_that_a_plan_lacks_is_offered_without_a_role() -> None:
    mapping = AnalysisPlan.from_text(PLAN).to_mapping()
    mapping["outcome"] = mapping["outcome"][:1]  # type: ignore[index]
    rows = forms.rows({}, mapping, AGREED, "en")
    assert [(row["column"], row["role"]) for row in rows] == [("language", "primary"), ("strain", "")]


def test_what_was_typed_is_shown_again_row_by_row() -> None:
    names = ("column", "role", "claim", "minimal_important", "margin", "covariates")
    typed = {f"form.outcomes.{name}": [f"{name} 1", f"{name} 2"] for name in names}
    assert [row["margin"] for row in forms.rows(typed, {}, AGREED, "en")] == ["margin 1", "margin 2"]


@pytest.mark.parametrize(
    ("where", "field"),
    [
        ("title", "form.title"),
        ("data.unit", "form.unit"),
        ("inference.standard_error", "form.standard_error"),
        ("multiplicity.primary", "form.primary"),
        ("outcome[0].margin", "form.outcomes.1.margin"),
        ("outcome[0].covariates[0]", "form.outcomes.1.covariates"),
        ("outcome[0]", "form.outcomes.1.column"),
        ("outcome", "form.outcome"),
    ],
)
def test_a_finding_in_the_plan_is_shown_at_its_field(where: str, field: str) -> None:
    rows = (OutcomeRow(column="strain"), OutcomeRow(column="language", role=Role.PRIMARY))
    found = forms.placed([Finding(where, "wrong", "Wrong.")], a_form(outcomes=rows))
    assert found[0].where == field


ROLES = st.sampled_from(list(Role))
THRESHOLDS = st.floats(0.001, 1e6).map(lambda value: float(f"{value:.6g}"))
OUTCOMES = st.lists(
    st.builds(
        lambda column, role, least, share: {
            "column": column,
            "role": role.value,
            "domain": "citizen",
            "better": "higher",
            "minimal_important": least,
            "margin": least * share,
        },
        st.sampled_from(["language", "strain", "falls", "sleep"]),
        ROLES,
        THRESHOLDS,
        st.sampled_from([0.25, 0.5, 1.0]),
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda outcome: outcome["column"],
)


def again(values: dict[str, Any], rows: list[dict[str, Any]], language: str) -> PlanForm:
    """What comes in when somebody sends the filled form without touching it."""

    def number(text: str) -> float | None:
        return float(text.replace(",", ".") if language == "da" else text) if text else None

    typed = {name.removeprefix("form."): value for name, value in values.items()}
    outcomes = tuple(
        OutcomeRow(
            column=row["column"],
            role=Role(row["role"]) if row["role"] else None,
            minimal_important=number(row["minimal_important"]),
            margin=number(row["margin"]),
            covariates=row["covariates"],
        )
        for row in rows
    )
    return msgspec.convert({**typed, "outcomes": outcomes}, PlanForm)


@given(outcomes=OUTCOMES, language=st.sampled_from(["da", "en"]))
def test_sending_the_form_untouched_changes_no_plan(outcomes: list[dict[str, Any]], language: str) -> None:
    """Whatever a plan says, opening its form and saving it leaves its fingerprint alone."""
    mapping = {**AnalysisPlan.from_text(PLAN).to_mapping(), "outcome": outcomes}
    before = AnalysisPlan.from_mapping(mapping)
    values = forms.typed(before.to_mapping(), language)
    rows = forms.rows(values, before.to_mapping(), AGREED, language)
    after = AnalysisPlan.from_mapping(forms.stated(again(values, rows, language), before.to_mapping(), AGREED))
    assert after.fingerprint == before.fingerprint


@pytest.mark.parametrize("text", ["language", "x^2", "log(x)", "factor(x)"])
def test_every_covariate_term_comes_through(text: str) -> None:
    rows = (OutcomeRow(column="strain", role=Role.SECONDARY, covariates=f" {text} ,, age "),)
    assert made(a_form(outcomes=rows)).outcomes[0].covariates == (text, "age")


def test_a_claim_and_a_margin_are_stated_with_the_outcome() -> None:
    row = OutcomeRow(column="language", role=Role.PRIMARY, claim=Claim.NOT_WORSE, minimal_important=0.1, margin=0.05)
    outcome = made(a_form(outcomes=(row,))).outcomes[0]
    assert (outcome.claim, outcome.margin) == ("not_worse", 0.05)


def test_a_design_without_periods_needs_none() -> None:
    form = a_form(
        design=Design.CLUSTER_RANDOMISED,
        unit="",
        period="",
        weight="",
        cluster="school",
        working_model=None,
        fixed_effects=(),
    )
    plan = made(form)
    assert (plan.design, plan.data.cluster, plan.data.period) == ("cluster_randomised", "school", None)


def test_a_guardrail_claims_to_be_not_worse_until_somebody_says_otherwise() -> None:
    listed = forms.rows({}, {}, [an_agreed(role=Role.GUARDRAIL), an_agreed()], "en")
    assert [row["claim"] for row in listed] == ["not_worse", ""]
