import pytest

from effects import analyse
from effects.errors import PlanError
from effects.estimand_checks import estimand_checks
from effects.plan import AnalysisPlan
from tests.effects.designs import PlanFor, plan_for, rows_for

MOVED = {"event": "moved away", "strategy": "treatment_policy"}
STOPPED = {"event": "stopped using it", "strategy": "hypothetical"}


def test_a_silent_plan_is_checked_for_nothing() -> None:
    assert estimand_checks(plan_for("cluster_randomised")) == ()


@pytest.mark.parametrize(
    ("stated", "verdict"), [("none", "pass"), ("within_clusters", "pass"), ("between_clusters", "warn")]
)
def test_influence_beyond_clusters_is_warned_of(stated: str, verdict: str) -> None:
    (found,) = estimand_checks(plan_for("cluster_randomised", spillover=stated))
    assert (found.name, found.verdict) == ("spillover", verdict)


@pytest.mark.parametrize(
    ("events", "verdict", "named"),
    [
        ([MOVED], "pass", "moved away"),
        ([MOVED, STOPPED], "warn", "stopped using it"),
        ([{"event": "died", "strategy": "composite"}], "pass", "died"),
        ([{"event": "left", "strategy": "while_on_treatment"}], "warn", "left"),
    ],
)
def test_events_that_the_analysis_cannot_take_so_are_named(
    events: list[dict[str, str]], verdict: str, named: str
) -> None:
    (found,) = estimand_checks(plan_for("cluster_randomised", intercurrent_event=events))
    assert (found.name, found.verdict) == ("intercurrent_events", verdict)
    assert named in str(found.detail)


def test_the_result_carries_the_checks_first() -> None:
    plan = plan_for("cluster_randomised", spillover="between_clusters", intercurrent_event=[MOVED])
    names = [check.name for check in analyse(rows_for("cluster_randomised"), plan).diagnostics]
    assert names[:2] == ["spillover", "intercurrent_events"]


def test_what_is_stated_is_part_of_the_plan_file_and_its_fingerprint() -> None:
    plan = plan_for("cluster_randomised", spillover="none", intercurrent_event=[MOVED, STOPPED])
    again = AnalysisPlan.from_text(plan.to_toml())
    assert again == plan
    assert again.fingerprint == plan.fingerprint != plan_for("cluster_randomised").fingerprint


def codes(plan_of: PlanFor, design: str, **sections: object) -> list[tuple[str, str]]:
    with pytest.raises(PlanError) as raised:
        plan_of(design, **sections)
    return [(finding.where, finding.code) for finding in raised.value.findings]


def test_people_who_influence_each_other_are_not_assigned_one_by_one() -> None:
    found = codes(plan_for, "individual_randomised", spillover="within_clusters")
    assert found == [("spillover", "spillover_not_for_design")]


def test_a_principal_stratum_asks_for_what_was_received() -> None:
    event = [{"event": "never used it", "strategy": "principal_stratum"}]
    found = codes(plan_for, "cluster_randomised", intercurrent_event=event)
    assert found == [("intercurrent_event[0].strategy", "strategy_not_for_estimand")]
    data = {"treated": "treated", "cluster": "school", "received": "took"}
    assert plan_for("cluster_randomised", estimand="cace", data=data, intercurrent_event=event)


def test_an_event_needs_a_name_and_a_known_strategy() -> None:
    found = codes(plan_for, "cluster_randomised", intercurrent_event=[{"strategy": "ignore"}])
    assert {where for where, _ in found} == {"intercurrent_event[0].event", "intercurrent_event[0].strategy"}
