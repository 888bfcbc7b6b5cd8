import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from effects import analyse
from effects.errors import DataError
from effects.plan import AnalysisPlan
from effects.results import AnalysisResult, EffectEstimate, Entry, NotEstimable
from effects.sources import open_source

PlanFor = Callable[..., AnalysisPlan]
Indicator = Callable[..., dict[str, object]]

DESIGNS = {
    "individual_randomised": {},
    "cluster_randomised": {},
    "stepped_wedge": {"model": {"working_model": "fixed_effects"}},
}


def frame() -> pd.DataFrame:
    """Rows that every design of these tests can read."""
    random = np.random.Generator(np.random.PCG64(17))
    site, month = np.repeat(np.arange(8), 6), np.tile(np.arange(6), 8)
    return pd.DataFrame(
        {
            "site": site,
            "school": site,
            "month": month,
            "treated": site % 2,
            "x": random.normal(size=48),
            "w": random.uniform(1, 5, 48),
            "y": random.normal(size=48) + site,
            "z": random.normal(size=48),
        }
    )


def data_for(design: str, rows: pd.DataFrame) -> pd.DataFrame:
    if design != "stepped_wedge":
        return rows
    return rows.assign(treated=(rows["month"] >= 1 + rows["site"] % 4).astype(int))


def plan_of(plan_for: PlanFor, indicator: Indicator, design: str, **keys: object) -> AnalysisPlan:
    return plan_for(design, outcome=[indicator("y", **keys)], **DESIGNS[design])


def first(result: AnalysisResult) -> Entry:
    assert all_finite(result.to_dict())
    return result.estimates[0]


def all_finite(value: object) -> bool:
    if isinstance(value, dict):
        return all(all_finite(item) for item in value.values())
    if isinstance(value, list):
        return all(all_finite(item) for item in value)
    return not isinstance(value, float) or bool(np.isfinite(value))


# One thing wrong with the data at a time, and the reason that the answer must state.
DEGENERATE: dict[str, tuple[Callable[[pd.DataFrame], pd.DataFrame], set[str]]] = {
    "no rows": (lambda rows: rows[:0], {"no_rows"}),
    "one row": (lambda rows: rows[:1], {"empty_arm"}),
    "two rows": (lambda rows: rows.iloc[[5, 11]], {"too_few_rows", "too_few_clusters", "empty_arm"}),
    "nobody treated": (lambda rows: rows.assign(treated=0), {"empty_arm"}),
    "everybody treated": (lambda rows: rows.assign(treated=1), {"empty_arm"}),
    "constant outcome": (lambda rows: rows.assign(y=1.0), {"constant_outcome"}),
    "all outcomes missing": (lambda rows: rows.assign(y=np.nan), {"no_rows"}),
    "all clusters missing": (lambda rows: rows.assign(school=np.nan, site=np.nan), {"no_rows", "estimate"}),
    "treatment is the outcome": (lambda rows: rows.assign(y=rows["treated"]), {"no_residual_variation"}),
    "infinite outcome": (lambda rows: rows.assign(y=[np.inf, *rows["y"][1:]]), {"not_finite"}),
    "huge outcomes": (lambda rows: rows.assign(y=rows["y"] * 1e308), {"not_finite"}),
    "weightless rows": (lambda rows: rows.assign(w=0.0), {"no_rows"}),
    "huge weights": (lambda rows: rows.assign(w=1e308), {"estimate"}),
}


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("problem", DEGENERATE)
def test_degenerate_data_give_a_stated_reason_and_never_a_number(
    plan_for: PlanFor, indicator: Indicator, design: str, problem: str
) -> None:
    spoil, reasons = DEGENERATE[problem]
    plan = plan_of(plan_for, indicator, design)
    weighted = replace(plan, data=replace(plan.data, weight="w"))
    entry = first(analyse(spoil(data_for(design, frame())), weighted))
    if isinstance(entry, NotEstimable):
        assert entry.reason.value in reasons
        assert entry.detail
        assert entry.needs
    else:
        assert "estimate" in reasons


@pytest.mark.parametrize("design", DESIGNS)
@pytest.mark.parametrize("covariates", [["x", "x2"], ["x", "factor(twin)", "twin"], ["one"]])
def test_collinear_covariates_are_named(
    plan_for: PlanFor, indicator: Indicator, design: str, covariates: list[str]
) -> None:
    rows = data_for(design, frame()).assign(x2=lambda own: 2 * own["x"], twin=np.arange(48) % 2, one=1.0)
    entry = first(analyse(rows, plan_of(plan_for, indicator, design, covariates=covariates)))
    assert isinstance(entry, NotEstimable)
    assert entry.reason == "collinear"
    assert covariates[0] in str(entry.detail) or covariates[-1] in str(entry.detail)


@pytest.mark.parametrize("design", ["cluster_randomised", "stepped_wedge"])
def test_one_cluster_is_too_few(plan_for: PlanFor, indicator: Indicator, design: str) -> None:
    rows = data_for(design, frame())
    lone = rows[rows["site"] < 2] if design == "cluster_randomised" else rows[rows["site"] == 1]
    entry = first(analyse(lone, plan_of(plan_for, indicator, design)))
    assert isinstance(entry, NotEstimable)
    assert entry.reason == "too_few_clusters"


def test_a_negative_weight_is_the_datas_fault(plan_for: PlanFor) -> None:
    with pytest.raises(DataError) as raised:
        analyse(frame().assign(w=-1.0), plan_for(data={"treated": "treated", "weight": "w"}))
    assert {finding.code for finding in raised.value.findings} == {"negative_or_infinite"}


def test_one_outcome_cannot_sink_another(plan_for: PlanFor, indicator: Indicator) -> None:
    rows = frame().assign(bad=np.inf, empty=np.nan)
    result = analyse(rows, plan_for(outcome=[indicator("bad"), indicator("y"), indicator("empty"), indicator("z")]))
    assert [entry.kind for entry in result.estimates] == ["not_estimable", "estimate", "not_estimable", "estimate"]


@pytest.mark.parametrize("design", DESIGNS)
def test_row_order_does_not_change_a_byte(plan_for: PlanFor, indicator: Indicator, design: str) -> None:
    rows, plan = data_for(design, frame()), plan_of(plan_for, indicator, design, covariates=["x"])
    expected = analyse(rows, plan).to_json()
    for seed in range(3):
        assert analyse(rows.sample(frac=1, random_state=seed), plan).to_json() == expected


def test_files_split_in_another_way_change_nothing_but_their_digests(plan_for: PlanFor, tmp_path: Path) -> None:
    rows = frame()
    whole, left, right = (tmp_path / f"{name}.csv" for name in ("whole", "left", "right"))
    rows.to_csv(whole, index=False)
    rows[:20].to_csv(left, index=False)
    rows[20:].to_csv(right, index=False)
    one, two = (analyse(paths, plan_for("cluster_randomised")).to_dict() for paths in ([whole], [right, left]))
    assert one["estimates"] == two["estimates"]
    assert one["diagnostics"] == two["diagnostics"]


@pytest.mark.parametrize("threads", ["1", "4"])
def test_the_number_of_threads_does_not_change_a_byte(plan_for: PlanFor, tmp_path: Path, threads: str) -> None:
    plan = plan_for("cluster_randomised")
    frame().to_csv(tmp_path / "rows.csv", index=False)
    (tmp_path / "plan.toml").write_text(plan.to_toml(), encoding="utf-8")
    script = (
        "import sys; from pathlib import Path; from effects.command import run\n"
        "sys.exit(run(Path('plan.toml'), [Path('rows.csv')], Path('out.json'), None, None))"
    )
    limits = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
    environment = {**os.environ, **limits, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}
    subprocess.run([sys.executable, "-c", script], cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "out.json").read_bytes() == analyse(tmp_path / "rows.csv", plan).to_json()


def test_every_row_is_accounted_for(plan_for: PlanFor, indicator: Indicator) -> None:
    rows = frame().assign(w=1.0)
    rows.loc[0, "y"] = np.nan
    rows.loc[1, ["y", "z"]] = np.nan
    rows.loc[2, "treated"] = np.nan
    rows.loc[3, "w"] = 0.0
    plan = plan_for(data={"treated": "treated", "weight": "w"}, outcome=[indicator("y"), indicator("z")])
    result = analyse(rows, plan)
    assert result.data.rows == 48
    assert result.data.rows_used == 45
    assert {item.reason.value: item.rows for item in result.data.dropped} == {
        "missing_role": 1,
        "zero_weight": 1,
        "missing_outcome": 1,
    }
    for entry in result.estimates:
        assert isinstance(entry, EffectEstimate)
        assert entry.rows + sum(item.rows for item in entry.dropped) == 48


def test_primary_and_secondary_outcomes_are_corrected_apart_and_guardrails_not_at_all(
    plan_for: PlanFor, indicator: Indicator
) -> None:
    rows = frame().assign(a=lambda own: own["z"] + 1, b=lambda own: own["x"] - 1)
    outcomes = [
        indicator("y"),
        indicator("z"),
        indicator("a", role="secondary"),
        indicator("b", role="secondary"),
        indicator("x", role="guardrail"),
    ]
    adjustments = {"primary": "bonferroni", "secondary": "none"}
    found = analyse(rows, plan_for(outcome=outcomes, multiplicity=adjustments)).estimates
    p_values = [(entry.p_value, entry.p_adjusted) for entry in found if isinstance(entry, EffectEstimate)]
    assert [adjusted for _, adjusted in p_values[:2]] == [min(1.0, 2 * raw) for raw, _ in p_values[:2]]
    assert all(raw == adjusted for raw, adjusted in p_values[2:4])
    assert p_values[4][1] is None


def test_a_planned_outcome_that_fails_still_counts_in_the_correction(plan_for: PlanFor, indicator: Indicator) -> None:
    rows = frame().assign(empty=np.nan)
    alone, _ = analyse(rows, plan_for(outcome=[indicator("y"), indicator("empty")])).estimates
    assert isinstance(alone, EffectEstimate)
    assert alone.p_adjusted == min(1.0, 2 * alone.p_value)


def test_a_correction_that_is_not_available_leaves_no_adjusted_value(plan_for: PlanFor) -> None:
    entry = first(analyse(frame(), plan_for("cluster_randomised", multiplicity={"primary": "romano_wolf"})))
    assert isinstance(entry, EffectEstimate)
    assert entry.p_adjusted is None


def test_a_resampled_second_opinion_that_is_not_available_is_noted_on_the_estimate(plan_for: PlanFor) -> None:
    both = {"bootstrap": {"kind": "wild"}, "permutation": {"draws": 999}}
    entry = first(analyse(frame(), plan_for("cluster_randomised", inference=both)))
    assert isinstance(entry, EffectEstimate)
    assert (entry.p_bootstrap, entry.p_permutation) == (None, None)
    assert [str(part) for part in entry.note or ()] == [
        "The bootstrap p-value asked for is not available in this version.",
        "The permutation p-value asked for is not available in this version.",
    ]


def test_sentences_are_english_in_the_file_with_their_templates_beside_them(
    plan_for: PlanFor, indicator: Indicator
) -> None:
    rows = frame().assign(empty=np.nan)
    both = {"bootstrap": {"kind": "wild"}, "permutation": {"draws": 999}}
    outcomes = [indicator("y"), indicator("empty")]
    found = json.loads(analyse(rows, plan_for("cluster_randomised", outcome=outcomes, inference=both)).to_json())
    answered, silent = found["estimates"]
    assert answered["note"].startswith("The bootstrap p-value asked for is not available in this version. The perm")
    assert len(answered["messages"]["note"]) == 2
    assert silent["detail"] == "no complete rows"
    assert silent["messages"]["detail"] == [{"template": "no complete rows", "params": {}}]
    check = next(item for item in found["diagnostics"] if item["name"] == "missing_by_arm")
    assert check["messages"]["detail"][0]["template"] == "{missing} of {rows} rows lack the outcome"
    assert check["messages"].keys() == {"question", "null", "detail"}


def test_every_default_is_written_into_the_result(plan_for: PlanFor) -> None:
    found = json.loads(analyse(frame(), plan_for("cluster_randomised")).to_json())
    assert found["defaults"]["inference.standard_error"] == "cr2"
    assert found["defaults"]["multiplicity.primary"] == "holm"
    assert found["defaults"]["outcome[0].margin"] == 0.5


def test_a_result_names_plan_data_version_and_seed(plan_for: PlanFor) -> None:
    plan = plan_for()
    result = analyse(frame(), plan, seed=5)
    assert (result.plan.fingerprint, result.plan.title) == (plan.fingerprint, "A pilot")
    assert result.data.content == open_source(frame()).content
    assert (result.effects_version, result.seed) == ("0.1.0", 5)


@pytest.mark.parametrize("design", DESIGNS)
@given(shift=st.floats(-1e3, 1e3), scale=st.floats(1e-3, 1e3))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_effects_follow_the_unit_of_the_outcome_and_p_values_do_not(
    plan_for: PlanFor, indicator: Indicator, design: str, shift: float, scale: float
) -> None:
    rows, plan = data_for(design, frame()), plan_of(plan_for, indicator, design, covariates=["x"])
    before, after = (first(analyse(own, plan)) for own in (rows, rows.assign(y=shift + scale * rows["y"])))
    assert isinstance(before, EffectEstimate)
    assert isinstance(after, EffectEstimate)
    assert after.estimate == pytest.approx(scale * before.estimate, rel=1e-6)
    assert after.standard_error == pytest.approx(scale * before.standard_error, rel=1e-6)
    assert after.df == pytest.approx(before.df, rel=1e-9)
    assert after.p_value == pytest.approx(before.p_value, rel=1e-5)


@pytest.mark.parametrize("design", DESIGNS)
def test_turning_the_arms_round_turns_the_sign(plan_for: PlanFor, indicator: Indicator, design: str) -> None:
    rows, plan = data_for(design, frame()), plan_of(plan_for, indicator, design)
    before, after = (first(analyse(own, plan)) for own in (rows, rows.assign(treated=1 - rows["treated"])))
    assert isinstance(before, EffectEstimate)
    assert isinstance(after, EffectEstimate)
    assert after.estimate == pytest.approx(-before.estimate)
    assert after.standard_error == pytest.approx(before.standard_error)
    assert after.interval.low == pytest.approx(-before.interval.high)


@pytest.mark.parametrize("design", DESIGNS)
def test_names_of_units_and_periods_mean_nothing_but_their_order(
    plan_for: PlanFor, indicator: Indicator, design: str
) -> None:
    rows, plan = data_for(design, frame()), plan_of(plan_for, indicator, design)
    renamed = rows.assign(
        site=rows["site"].map("site {:02d}".format),
        school=rows["school"].map("school {:02d}".format),
        month=rows["month"].map("2016-{:02d}".format),
    )
    before, after = first(analyse(rows, plan)), first(analyse(renamed, plan))
    assert isinstance(before, EffectEstimate)
    assert isinstance(after, EffectEstimate)
    assert after.estimate == pytest.approx(before.estimate, rel=1e-12)
    assert after.df == pytest.approx(before.df, rel=1e-12)


@pytest.mark.parametrize("design", DESIGNS)
def test_equal_weights_are_no_weights(plan_for: PlanFor, indicator: Indicator, design: str) -> None:
    rows, plan = data_for(design, frame()), plan_of(plan_for, indicator, design)
    weighted = replace(plan, data=replace(plan.data, weight="w"))
    before, after = first(analyse(rows, plan)), first(analyse(rows.assign(w=37.0), weighted))
    assert isinstance(before, EffectEstimate)
    assert isinstance(after, EffectEstimate)
    assert after.estimate == pytest.approx(before.estimate, rel=1e-12)
    assert after.standard_error == pytest.approx(before.standard_error, rel=1e-12)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_the_interval_holds_zero_exactly_where_the_p_value_says_so(plan_for: PlanFor, level: float) -> None:
    for column in ("y", "z", "x"):
        rows = frame().assign(y=frame()[column])
        entry = first(analyse(rows, plan_for("cluster_randomised", inference={"level": level})))
        assert isinstance(entry, EffectEstimate)
        inside = entry.interval.low < 0.0 < entry.interval.high
        assert inside == (entry.p_value > 1.0 - level)


def test_a_true_null_is_rejected_about_as_often_as_the_level_says(plan_for: PlanFor) -> None:
    random = np.random.Generator(np.random.PCG64(23))
    plan, rejected, draws = plan_for("cluster_randomised"), 0, 200
    for _ in range(draws):
        school = np.repeat(np.arange(14), random.integers(2, 9, 14))
        noise = random.normal(size=14)[school] + random.normal(size=len(school))
        rows = pd.DataFrame({"school": school, "treated": school % 2, "y": noise})
        entry = first(analyse(rows, plan))
        assert isinstance(entry, EffectEstimate)
        rejected += entry.p_value < 0.05
    assert 0.01 <= rejected / draws <= 0.10


def test_an_opened_source_may_be_analysed_again(plan_for: PlanFor) -> None:
    source = open_source(frame())
    assert analyse(source, plan_for()).to_json() == analyse(frame(), plan_for()).to_json()


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(
            st.sampled_from([0.0, 1.0, None]),
            st.integers(0, 3),
            st.floats(allow_nan=False, allow_infinity=True) | st.none(),
        ),
        max_size=12,
    )
)
@pytest.mark.parametrize("design", ["individual_randomised", "stepped_wedge"])
def test_whatever_the_rows_hold_there_is_an_answer(
    plan_for: PlanFor, design: str, rows: list[tuple[float | None, int, float | None]]
) -> None:
    columns = {
        "treated": pd.Series([row[0] for row in rows], dtype=float),
        "site": pd.Series([row[1] for row in rows], dtype=float),
        "month": pd.Series([place % 3 for place in range(len(rows))], dtype=float),
        "y": pd.Series([row[2] for row in rows], dtype=float),
    }
    entry = first(analyse(pd.DataFrame(columns), plan_for(design, **DESIGNS[design])))
    assert entry.kind in ("estimate", "not_estimable")
