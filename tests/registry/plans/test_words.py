"""A plan in words."""

from effects.errors import Finding
from effects.plan import AnalysisPlan
from effects.planning.sections import DataRoles
from registry.kit.language import translate
from registry.plans import words
from registry.plans.words import spoken
from tests.registry.plans.story import PLAN


def test_every_part_that_a_plan_can_name_has_words() -> None:
    assert set(words.PARTS) == set(DataRoles.__dataclass_fields__)


def test_only_what_the_plan_states_is_told() -> None:
    plan = AnalysisPlan.from_text(PLAN)
    assert [(str(name), column) for name, column in words.columns(plan)] == [
        ("Unit", "area"),
        ("Period", "week"),
        ("Treated", "digital"),
        ("Weight", "n"),
    ]
    told = {str(name): values for name, values in words.settings(plan)}
    assert told["Fixed effects"] == ("unit", "period")
    assert told["Standard error"] == ("cr2",)
    assert "Estimator" not in told


def test_findings_speak_the_words_of_the_form() -> None:
    found = Finding(
        "data.treated",
        "missing_role",
        "A {design} design needs data.{role}.",
        "Name the column (any one of: {choices}).",
        {"design": "before_after", "role": "treated", "choices": "treated, first_treated", "number": 2},
    )
    (english,), (danish,) = spoken([found], "en"), spoken([found], "da")
    assert english.params == {
        "design": "before after",
        "role": "treated",
        "choices": "treated, first treated period",
        "number": 2,
    }
    assert translate(danish, "da").startswith("Designet »før og efter« kræver kolonnen »indsats«.")


def test_an_estimand_is_told_by_whose_effect_it_is() -> None:
    found = Finding(
        "estimand", "estimand_not_identified", "{estimand}", "{allowed}", {"estimand": "att", "allowed": "itt"}
    )
    assert translate(spoken([found], "en")[0], "en") == (
        "those who got the technology (att) all who were offered the technology (itt)"
    )


def test_a_persons_own_word_is_left_alone() -> None:
    found = Finding("outcome[0]", "x", "{column}", params={"column": "before_after"})
    assert spoken([found], "da") == (found,)
