import subprocess
import sys

import pytest

from effects.compression.plan_reasons import plan_needs_rows, plan_reasons
from effects.plan import AnalysisPlan
from tests.effects.compression.panels import plan, settings_of
from tests.effects.designs import outcome, plan_for

ROLES: dict[str, object] = {"unit": "unit", "cluster": "cluster", "treated": "treated", "period": "period"}


@pytest.mark.parametrize(
    ("stated", "word"),
    [
        (plan_for("synthetic_control"), "design"),
        (plan("stepped_wedge", "cr1", data={**ROLES, "weight": "z"}), "weights"),
        (plan("stepped_wedge", "cr1", data={**ROLES, "received": "x"}), "received"),
        (plan("stepped_wedge", "cr1", subgroup=[{"column": "stratum"}]), "subgroups"),
        (plan("stepped_wedge", "cr1", ["factor(stratum)"]), "factor"),
        (
            plan("stepped_wedge", "cr2", inference={"standard_error": "cr2", "working_variance": "inverse_weight"}),
            "weights",
        ),
        (
            plan(
                "stepped_wedge", "cr1", model={"working_model": "fixed_effects", "fixed_effects": ["unit", "cluster"]}
            ),
            "determine",
        ),
        (plan_for("individual_randomised", outcome=[outcome("y", covariates=["x"])]), "leverage"),
        (plan("individual_randomised", "hc2"), "leverage"),
        (plan("stepped_wedge", "cr1", model={}), "cr1 around"),
        (plan("individual_randomised", "cr1", outcome=[outcome("y", family="poisson")]), "gaussian"),
        (plan("individual_randomised", "cr1", outcome=[outcome("y", offset="x")]), "offset"),
    ],
)
def test_each_condition_that_fails_is_named(stated: AnalysisPlan, word: str) -> None:
    reason = plan_needs_rows(stated, settings_of(stated))
    assert reason is not None
    assert word in str(reason)


@pytest.mark.parametrize(
    "stated",
    [
        plan("stepped_wedge", "cr2", ["x", "z^2", "log(z)"]),
        plan("stepped_wedge", "iid"),
        plan("cluster_randomised", "cr3", model={"fixed_effects": ["strata"]}, data={**ROLES, "strata": "stratum"}),
        plan("individual_randomised", "cr1", ["x"]),
        plan_for("individual_randomised"),
    ],
)
def test_linear_plans_need_no_rows(stated: AnalysisPlan) -> None:
    assert plan_needs_rows(stated, settings_of(stated)) is None


def test_every_reason_comes_with_its_remedy_and_names_its_outcome() -> None:
    stated = plan(
        "individual_randomised",
        "hc2",
        data={"unit": "unit", "treated": "treated", "weight": "z"},
        outcome=[outcome("y"), outcome("x", covariates=["factor(stratum)"], offset="z")],
    )
    found = list(plan_reasons(stated, settings_of(stated)))
    assert [str(item.reason).split()[0] for item in found] == ["weights", "an", "a", "hc"]
    assert [item.outcome for item in found] == [None, "x", "x", "x"]
    assert all(str(item.remedy) for item in found)


def test_a_page_can_ask_without_the_engine_in_its_process() -> None:
    heavy = "{'duckdb', 'numpy', 'pandas'} & set(sys.modules)"
    asked = f"import sys; import effects.compression.plan_reasons; sys.exit(bool({heavy}))"
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0
