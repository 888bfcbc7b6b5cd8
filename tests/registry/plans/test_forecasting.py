"""A small simulation from a plan file and a request to what is stored."""

import json
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from effects.decision_simulation import SettingError
from effects.plan import AnalysisPlan
from effects.rules.gates import gates
from effects.rules.ruleset import load_ruleset
from effects.rules.steps import Value
from registry.plans.forecasting import assumed, forecast_of, lacking, setting_of, truths_of
from registry.plans.forecasts import told
from registry.plans.simulation_schemas import Expected, Prior, Simulating
from tests.registry.plans.story import A_REQUEST, PLAN


def a_request(**changes: Any) -> Simulating:
    return msgspec.structs.replace(A_REQUEST, **changes)


def simulated(stated: Simulating = A_REQUEST, toml: str = PLAN) -> dict[str, Any]:
    return forecast_of(toml, msgspec.json.encode(stated))


def test_the_same_request_gives_the_same_bytes_and_another_seed_others() -> None:
    first = json.dumps(simulated())
    assert json.dumps(simulated()) == first
    assert json.dumps(simulated(a_request(seed=2))) != first


def test_what_is_stored_can_be_told() -> None:
    found = told(msgspec.json.decode(msgspec.json.encode(simulated())))
    assert [truth.name for truth in found.truths] == ["nothing_helps", "all_help", "all_help_more"]
    assert [truth.probability for truth in found.truths] == [0.5, 0.5, 0.0]
    assert found.settled == pytest.approx(sum(truth.probability * truth.settled.share for truth in found.truths))
    assert 0.0 < found.error < 0.1
    assert found.standard_errors == {"language": 0.02}


def test_a_plan_with_a_single_indicator_cannot_be_rolled_out_and_says_why() -> None:
    found = told(simulated())
    assert all(truth.rolled_out.share == 0 for truth in found.truths)
    assert any("guardrails" in str(title) for title, _ in found.barriers)
    assert [str(one) for one in found.lacking] == [
        "Primary indicators: 1 of at least 2.",
        "Domains of the primary indicators: 1 of at least 2.",
        "There is no guardrail for safety.",
        "There is no guardrail for staff.",
        "There is no guardrail for equity.",
    ]


def test_only_the_domain_without_a_guardrail_is_named() -> None:
    rules = load_ruleset()
    setting = setting_of(AnalysisPlan.from_text(PLAN), assumed(A_REQUEST))
    (shut,) = [gate for gate in gates(setting.case, rules) if gate.id == "G2"]
    lacks: dict[str, Value] = {"primaries": 2, "domains": 2, "guardrails_lacking": "staff"}
    assert [str(one) for one in lacking([replace(shut, state=False, inputs=lacks)], rules)] == [
        "There is no guardrail for staff."
    ]
    assert list(lacking([], rules)) == []


def test_a_standard_error_follows_from_the_spread_and_the_clusters() -> None:
    by_spread = a_request(outcomes=(Expected(column="language", sd=0.2),), clusters=10, size=20.0, icc=0.02, periods=5)
    few = simulated(by_spread)["standard_errors"]["language"]
    many = simulated(msgspec.structs.replace(by_spread, clusters=40))["standard_errors"]["language"]
    assert many == pytest.approx(few / 2)


def test_what_is_missing_stops_the_simulation_with_a_finding() -> None:
    with pytest.raises(SettingError) as refused:
        simulated(a_request(outcomes=(Expected(column="language", sd=0.2),)))
    assert refused.value.findings


def test_a_truth_of_ones_own_is_simulated_with_the_others() -> None:
    own = (Expected(column="language", standard_error=0.02, effect=-1.0),)
    stated = a_request(outcomes=own, own_truth="It backfires", prior=Prior(nothing_helps=40, own=61))
    setting = setting_of(AnalysisPlan.from_text(PLAN), assumed(stated))
    *_, last = truths_of(setting, stated)
    assert (str(last.title), last.effects) == ("Your own: It backfires", {"language": -1.0})
    assert sum(truth.probability or 0.0 for truth in truths_of(setting, stated)) == pytest.approx(1.0)


def test_an_unknown_economy_is_left_unknown_and_offered_as_a_change() -> None:
    unknown = a_request(chance_of_value=None)
    assert setting_of(AnalysisPlan.from_text(PLAN), assumed(unknown)).economy.probability_positive is None
    texts = [one["change"]["text"] for one in simulated(unknown)["changes"]]
    assert "A business case that pays with 90 percent certainty" in texts
    assert len(texts) == len(simulated()["changes"]) + 1
