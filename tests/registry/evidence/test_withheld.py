"""Evidence that rests on a hidden pilot is told in words; no figure is left from which its own could be worked out."""

from effects.recommendation import recommend
from registry.evidence.withheld import graded
from tests.effects.sound_case import sound_case, telecare_nord


def test_advice_keeps_its_words_and_loses_its_figures() -> None:
    for case in (sound_case(), telecare_nord()):
        advice = recommend(case).to_mapping()
        told = graded(advice)
        assert told.keys() == advice.keys()
        for name in ("recommendation", "rule", "title", "verdicts", "certainty", "remedies", "unknowns"):
            assert told[name] == advice[name]
        for item in told["indicators"]:
            assert set(item["effect"].values()) == {None}
            assert all(step["inputs"] == step["found"] == {} for step in item["certainty"]["steps"])
            assert item["test"] is None or {item["test"]["p_value"], item["test"]["p_adjusted"]} == {None}
        assert (told["pooling"], told["stability"], told["what_would_change"]) == (None, None, [])


def test_an_economy_keeps_its_currency_alone() -> None:
    told = graded(recommend(telecare_nord()).to_mapping())["economy"]
    assert {name: value for name, value in told.items() if value} == {
        "currency": "EUR",
        "perspective": "Sundhedssektor og kommuner",
        "ratio": "ratio_uncertain",
    }


def test_conditions_keep_their_state_and_not_what_was_read() -> None:
    advice = recommend(sound_case()).to_mapping()
    for before, told in zip(advice["rules"], graded(advice)["rules"], strict=True):
        assert (told["rule"], told["state"]) == (before["rule"], before["state"])
        assert all(condition["inputs"] == {} for condition in told["conditions"])
