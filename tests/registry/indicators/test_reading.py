import pytest
from hypothesis import given
from hypothesis import strategies as st

from effects.codes import Better, Domain, Role
from effects.errors import PlanError
from registry.indicators.reading import from_lines, from_plan
from registry.indicators.schemas import NewIndicator

PLAN = """
schema = "virkning-plan/1"
title = "A plan"
design = "stepped_wedge"
estimand = "itt"
[data]
unit = "Zip"
period = "week"
treated = "cond"
[[outcome]]
column = "race_ethnicity"
role = "primary"
domain = "equity"
better = "higher"
minimal_important = 0.05
[[outcome]]
column = "waiting_days"
name = "Days until the first contact"
role = "guardrail"
domain = "safety"
better = "lower"
minimal_important = 2
margin = 1.5
"""


def test_lines_become_indicators_with_the_number_of_their_line() -> None:
    made, findings = from_lines(
        "code;name;domain;role;better;minimal_important\n"
        "language; Language stated ;citizen;primary;higher;0.05\n"
        "\n"
        "waiting\tDays waiting\tSafety\tGuardrail\tlower\t1,5\n"
        "cost;Cost;economy;secondary;lower"
    )
    assert findings == []
    assert list(made) == [2, 4, 5]
    assert made[2] == NewIndicator(
        code="language",
        name="Language stated",
        domain=Domain.CITIZEN,
        role=Role.PRIMARY,
        better=Better.HIGHER,
        minimal_important=0.05,
    )
    assert (made[4].domain, made[4].minimal_important) == (Domain.SAFETY, 1.5)
    assert made[5].minimal_important is None


@pytest.mark.parametrize(
    "words",
    [
        "safety;guardrail;lower",
        "Safety;Guardrail;Lower is better",
        "Tryghed og sikkerhed;værneindikator;lavere",
        "tryghed og sikkerhed;Værneindikator;Lavere er bedre",
    ],
)
def test_the_words_of_the_page_are_read_as_well_as_the_codes(words: str) -> None:
    made, findings = from_lines(f"falls;Falls;{words}")
    assert findings == []
    assert (made[1].domain, made[1].role, made[1].better) == (Domain.SAFETY, Role.GUARDRAIL, Better.LOWER)


def test_everything_wrong_is_found_with_its_line() -> None:
    made, findings = from_lines(
        "language;Language;citizen;primary;higher;0.05\n"
        "employer;Employer\n"
        "travel;T;safety;main;up;many\n"
        "gender;Gender;equity;primary;higher;1e5;extra"
    )
    assert list(made) == [1]
    assert [(found.row, found.code) for found in findings] == [
        (2, "wrong_fields"),
        (3, "name_length"),
        (3, "unknown_code"),
        (3, "unknown_code"),
        (3, "not_a_number"),
        (4, "wrong_fields"),
    ]
    assert "main is not one of the words" in findings[2].text()
    assert "primary, secondary, guardrail" in findings[2].text()


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused_line_by_line(text: str) -> None:
    made, findings = from_lines(text)
    assert all(found.row is not None and found.where == "lines" for found in findings)
    assert not set(made) & {found.row for found in findings}


def test_the_outcomes_of_a_plan_become_indicators() -> None:
    first, second = from_plan(PLAN)
    assert (first.code, first.name, first.domain, first.role) == (
        "race_ethnicity",
        "race ethnicity",
        Domain.EQUITY,
        Role.PRIMARY,
    )
    assert (second.name, second.better, second.minimal_important, second.margin) == (
        "Days until the first contact",
        Better.LOWER,
        2.0,
        1.5,
    )


def test_a_plan_that_is_none_says_everything_that_is_wrong() -> None:
    with pytest.raises(PlanError):
        from_plan("not a plan")
    with pytest.raises(PlanError) as refused:
        from_plan(PLAN.replace('better = "lower"', 'better = "less"').replace("minimal_important = 0.05", "weird = 1"))
    assert len(refused.value.findings) >= 2
