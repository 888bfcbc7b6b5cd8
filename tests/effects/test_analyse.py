import json
import os
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from effects import analyse
from effects.compression import routing
from effects.plan import AnalysisPlan
from effects.results import EffectEstimate, NotEstimable
from effects.sources import Tabular, open_source
from tests.effects.compression import panels
from tests.effects.designs import (
    LINEAR,
    Indicator,
    as_csv,
    as_parquet,
    estimated,
    first,
    plan_for,
    plan_of,
    rows,
    rows_for,
)

FRAME = rows()
WORDS = st.text(st.characters(categories=("L", "N")), min_size=1, max_size=6).filter(lambda text: not text[0].isdigit())
NUMBERS = ("estimate", "standard_error", "df", "p_value")


def apart_from_digests(given_rows: Tabular, plan: AnalysisPlan) -> bytes:
    """The bytes of the result without the digests of the files, which alone may depend on them."""
    result = analyse(given_rows, plan)
    return replace(result, data=replace(result.data, sha256=())).to_json()


def numbers(frame: pd.DataFrame, plan: AnalysisPlan) -> dict[str, float]:
    found = estimated(frame, plan)
    return {name: getattr(found, name) for name in NUMBERS}


# ---- the same bytes --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", LINEAR)
@given(order=st.permutations(range(len(FRAME))))
@settings(max_examples=6)
def test_row_order_does_not_change_a_byte(design: str, order: list[int]) -> None:
    frame, plan = rows_for(design), plan_of(design, covariates=["x"])
    assert analyse(frame.iloc[order], plan).to_json() == analyse(frame, plan).to_json()


@given(order=st.permutations(list(FRAME)))
@settings(max_examples=6)
def test_column_order_does_not_change_a_byte(order: list[str]) -> None:
    plan = plan_of("cluster_randomised", covariates=["x"])
    assert analyse(FRAME[order], plan).to_json() == analyse(FRAME, plan).to_json()


@given(cuts=st.lists(st.integers(1, len(FRAME) - 1), max_size=3, unique=True))
@settings(max_examples=4)
def test_a_frame_and_files_of_any_format_in_any_parts_give_the_same_bytes(
    tmp_path_factory: pytest.TempPathFactory, cuts: list[int]
) -> None:
    frame, plan = rows_for("stepped_wedge"), plan_of("stepped_wedge", covariates=["x"])
    folder = tmp_path_factory.mktemp("parts")
    edges = [0, *sorted(cuts), len(frame)]
    parts = [frame[low:high] for low, high in pairwise(edges)]
    texts = [as_csv(part, folder / f"{place}.csv") for place, part in enumerate(parts)]
    binaries = [as_parquet(part, folder / f"{place}.parquet") for place, part in enumerate(parts)]
    expected = apart_from_digests(frame, plan)
    assert apart_from_digests(texts, plan) == expected
    assert apart_from_digests(binaries[::-1], plan) == expected
    assert apart_from_digests([*texts[:1], *binaries[1:]], plan) == expected


SCRIPT = """
import os, sys
from pathlib import Path
if hasattr(os, "sched_setaffinity"):
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: int(sys.argv[1])])
from effects.command import run
sys.exit(run(Path("plan.toml"), [Path("rows.csv")], Path(sys.argv[2]), None, None))
"""


@pytest.fixture(scope="module")
def larger() -> pd.DataFrame:
    """Rows enough for a threaded library to split the work."""
    return rows_for("stepped_wedge", rows(sites=60, months=30))


@pytest.mark.parametrize(("cores", "threads"), [("1", "1"), ("2", "2")])
def test_another_process_and_other_cores_and_threads_give_the_same_bytes(
    tmp_path: Path, larger: pd.DataFrame, cores: str, threads: str
) -> None:
    plan, path = (
        plan_of("stepped_wedge", roles={"weight": "w"}, covariates=["x"]),
        as_csv(larger, tmp_path / "rows.csv"),
    )
    (tmp_path / "plan.toml").write_text(plan.to_toml(), encoding="utf-8")
    limits = {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads, "PYTHONHASHSEED": threads}
    environment = {**os.environ, **limits, "PYTHONPATH": str(Path(__file__).parents[2])}
    call = [sys.executable, "-c", SCRIPT, cores, "out.json"]
    subprocess.run(call, cwd=tmp_path, env=environment, check=True)
    assert (tmp_path / "out.json").read_bytes() == analyse(path, plan).to_json()


# ---- what the result holds -------------------------------------------------------------------------------------------


def test_every_row_is_accounted_for(indicator: Indicator) -> None:
    frame = rows().assign(w=1.0)
    frame.loc[0, "y"] = np.nan
    frame.loc[1, ["y", "z"]] = np.nan
    frame.loc[2, "treated"] = np.nan
    frame.loc[3, "w"] = 0.0
    plan = plan_for(data={"treated": "treated", "weight": "w"}, outcome=[indicator("y"), indicator("z")])
    result = analyse(frame, plan)
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


def test_primary_and_secondary_outcomes_are_corrected_apart_and_guardrails_not_at_all(indicator: Indicator) -> None:
    frame = rows().assign(a=lambda own: own["z"] + 1, b=lambda own: own["x"] - 1)
    outcomes = [
        indicator("y"),
        indicator("z"),
        indicator("a", role="secondary"),
        indicator("b", role="secondary"),
        indicator("x", role="guardrail"),
    ]
    adjustments = {"primary": "bonferroni", "secondary": "none"}
    found = analyse(frame, plan_for(outcome=outcomes, multiplicity=adjustments)).estimates
    p_values = [(entry.p_value, entry.p_adjusted) for entry in found if isinstance(entry, EffectEstimate)]
    assert [adjusted for _, adjusted in p_values[:2]] == [min(1.0, 2 * raw) for raw, _ in p_values[:2]]
    assert all(raw == adjusted for raw, adjusted in p_values[2:4])
    assert p_values[4][1] is None


def test_a_planned_outcome_that_fails_still_counts_in_the_correction(indicator: Indicator) -> None:
    frame = rows().assign(empty=np.nan)
    alone, _ = analyse(frame, plan_for(outcome=[indicator("y"), indicator("empty")])).estimates
    assert isinstance(alone, EffectEstimate)
    assert alone.p_adjusted == min(1.0, 2 * alone.p_value)


def test_a_family_that_is_resampled_together_is_adjusted_by_its_draws() -> None:
    entry = first(analyse(rows(), plan_for("cluster_randomised", multiplicity={"primary": "romano_wolf"})))
    assert isinstance(entry, EffectEstimate)
    assert entry.p_adjusted is not None and entry.p_adjusted * 2**8 == round(entry.p_adjusted * 2**8)


def test_resampled_second_opinions_stand_beside_the_models_p_value_where_asked_for() -> None:
    both = {"bootstrap": {"kind": "wild"}, "permutation": {"draws": 999}}
    plain = first(analyse(rows(), plan_for("cluster_randomised")))
    entry = first(analyse(rows(), plan_for("cluster_randomised", inference=both)))
    assert isinstance(plain, EffectEstimate)
    assert isinstance(entry, EffectEstimate)
    assert (plain.p_bootstrap, plain.p_permutation, plain.note) == (None, None, None)
    assert entry.p_value == plain.p_value
    assert (entry.p_bootstrap, entry.p_permutation) == (136 / 256, 38 / 70)
    assert [str(part) for part in entry.note or ()] == [
        "The bootstrap p-value is unreliable: 4 clusters with and 4 without treatment.",
        "Permutation went through all 70 assignments.",
        "The permutation p-value tests that treatment changes nobody's outcome; the smallest possible is 0.014.",
        "It takes the assignment as drawn without strata, since the plan states none.",
    ]


def test_sentences_are_english_in_the_file_with_their_templates_beside_them(indicator: Indicator) -> None:
    frame = rows().assign(empty=np.nan)
    both = {"bootstrap": {"kind": "wild"}, "permutation": {"draws": 999}}
    outcomes = [indicator("y"), indicator("empty")]
    found = json.loads(analyse(frame, plan_for("cluster_randomised", outcome=outcomes, inference=both)).to_json())
    answered, silent = (entry for entry in found["estimates"] if entry["analysis"] == "primary")
    assert "without treatment. Permutation went through all 70 assignments." in answered["note"]
    assert len(answered["messages"]["note"]) == 4
    assert silent["detail"] == "no complete rows"
    assert silent["messages"]["detail"] == [{"template": "no complete rows", "params": {}}]
    check = next(item for item in found["diagnostics"] if item["name"] == "missing_by_arm")
    assert check["messages"]["detail"][0]["template"] == "{missing} of {rows} rows lack the outcome"
    assert check["messages"].keys() == {"question", "null", "detail"}


def test_every_default_is_written_into_the_result() -> None:
    found = json.loads(analyse(rows(), plan_for("cluster_randomised")).to_json())
    assert found["defaults"]["inference.standard_error"] == "cr2"
    assert found["defaults"]["multiplicity.primary"] == "holm"
    assert found["defaults"]["outcome[0].margin"] == 0.5


def test_a_result_names_plan_data_version_and_seed() -> None:
    plan = plan_for()
    result = analyse(rows(), plan, seed=5)
    assert (result.plan.fingerprint, result.plan.title) == (plan.fingerprint, "A pilot")
    assert result.data.content == open_source(rows()).content
    assert (result.effects_version, result.seed) == ("0.1.0", 5)


@pytest.mark.parametrize("level", [0.5, 0.9, 0.99])
def test_the_interval_holds_zero_exactly_where_the_p_value_says_so(level: float) -> None:
    for column in ("y", "z", "x"):
        frame = rows().assign(y=rows()[column])
        entry = first(analyse(frame, plan_for("cluster_randomised", inference={"level": level})))
        assert isinstance(entry, EffectEstimate)
        inside = entry.interval.low < 0.0 < entry.interval.high
        assert inside == (entry.p_value > 1.0 - level)


def test_a_true_null_is_rejected_about_as_often_as_the_level_says(indicator: Indicator) -> None:
    random, draws = np.random.Generator(np.random.PCG64(23)), 200
    school = np.repeat(np.arange(14), random.integers(2, 9, 14))
    shared, own = random.normal(size=(14, draws))[school], random.normal(size=(len(school), draws))
    named = {f"y{place}": (shared + own)[:, place] for place in range(draws)}
    frame = pd.DataFrame({"school": school, "treated": school % 2, **named})
    found = analyse(frame, plan_for("cluster_randomised", outcome=[indicator(name) for name in named])).estimates
    asked = [entry for entry in found if entry.analysis == "primary"]
    rejected = [entry.p_value < 0.05 for entry in asked if isinstance(entry, EffectEstimate)]
    assert len(rejected) == draws
    assert 0.01 <= np.mean(rejected) <= 0.10


def test_an_opened_source_may_be_analysed_again() -> None:
    source = open_source(rows())
    assert analyse(source, plan_for()).to_json() == analyse(rows(), plan_for()).to_json()


# ---- what an estimate may depend on ----------------------------------------------------------------------------------


@pytest.mark.parametrize("design", LINEAR)
@given(scale=st.floats(1e-3, 1e3), sign=st.sampled_from([-1.0, 1.0]))
@settings(max_examples=8)
def test_scaling_the_outcome_scales_estimate_error_and_interval(design: str, scale: float, sign: float) -> None:
    frame, plan, factor = rows_for(design), plan_of(design, covariates=["x"]), scale * sign
    before, after = (estimated(own, plan) for own in (frame, frame.assign(y=factor * frame["y"])))
    assert after.estimate == pytest.approx(factor * before.estimate, rel=1e-9)
    assert after.standard_error == pytest.approx(scale * before.standard_error, rel=1e-9)
    ends = sorted([factor * before.interval.low, factor * before.interval.high])
    assert [after.interval.low, after.interval.high] == pytest.approx(ends, rel=1e-9)
    assert after.df == pytest.approx(before.df, rel=1e-9)
    assert after.p_value == pytest.approx(before.p_value, rel=1e-7)


@pytest.mark.parametrize("design", LINEAR)
@given(constant=st.floats(-1e3, 1e3))
@settings(max_examples=8)
def test_adding_a_constant_to_the_outcome_changes_nothing(design: str, constant: float) -> None:
    frame, plan = rows_for(design), plan_of(design, covariates=["x"])
    assert numbers(frame.assign(y=frame["y"] + constant), plan) == pytest.approx(numbers(frame, plan), rel=1e-8)


@pytest.mark.parametrize("design", LINEAR)
@given(slope=st.floats(0.01, 100), shift=st.floats(-100, 100))
@settings(max_examples=8)
def test_the_unit_of_a_covariate_does_not_matter(design: str, slope: float, shift: float) -> None:
    frame, plan = rows_for(design), plan_of(design, covariates=["x"])
    assert numbers(frame.assign(x=slope * frame["x"] + shift), plan) == pytest.approx(numbers(frame, plan), rel=1e-7)


@given(slope=st.floats(-5, 5))
@settings(max_examples=8)
def test_what_the_covariate_explains_of_the_outcome_is_taken_out(slope: float) -> None:
    frame, plan = FRAME, plan_of("cluster_randomised", covariates=["x"])
    tilted = frame.assign(y=frame["y"] + slope * frame["x"])
    assert numbers(tilted, plan) == pytest.approx(numbers(frame, plan), rel=1e-9)


@pytest.mark.parametrize("design", LINEAR)
@pytest.mark.parametrize("effect", [-3.0, 0.25])
def test_an_effect_added_to_the_treated_is_added_to_the_estimate(design: str, effect: float) -> None:
    frame, plan = rows_for(design), plan_of(design, covariates=["x"])
    before, after = (estimated(own, plan) for own in (frame, frame.assign(y=frame["y"] + effect * frame["treated"])))
    assert after.estimate == pytest.approx(before.estimate + effect, rel=1e-9)
    assert after.standard_error == pytest.approx(before.standard_error, rel=1e-9)


@pytest.mark.parametrize("design", [design for design in LINEAR if design != "two_period_did"])
def test_turning_the_arms_round_turns_the_sign(design: str) -> None:
    frame, plan = rows_for(design), plan_of(design, covariates=["x"])
    before, after = (estimated(own, plan) for own in (frame, frame.assign(treated=1 - frame["treated"])))
    assert after.estimate == pytest.approx(-before.estimate)
    assert (after.standard_error, after.df) == pytest.approx((before.standard_error, before.df))
    assert (after.interval.low, after.interval.high) == pytest.approx((-before.interval.high, -before.interval.low))
    assert after.p_value == pytest.approx(before.p_value)


@pytest.mark.parametrize("design", LINEAR)
@given(names=st.lists(WORDS, min_size=14, max_size=14, unique=True))
@settings(max_examples=6)
def test_other_names_of_units_clusters_and_periods_change_nothing_but_names(design: str, names: list[str]) -> None:
    frame, plan = rows_for(design), plan_of(design)
    sites, months = names[:8], names[8:]
    renamed = frame.assign(
        site=frame["site"].map(dict(enumerate(sites))),
        school=frame["school"].map(dict(enumerate(sites))),
        month=frame["month"].map(dict(enumerate(months))),
    )
    assert numbers(renamed, plan) == pytest.approx(numbers(frame, plan), rel=1e-9)


@pytest.mark.parametrize("design", LINEAR)
@given(factor=st.floats(1e-6, 1e6))
@settings(max_examples=8)
def test_only_the_ratios_of_weights_matter(design: str, factor: float) -> None:
    frame, plan = rows_for(design), plan_of(design, roles={"weight": "w"}, covariates=["x"])
    assert numbers(frame.assign(w=factor * frame["w"]), plan) == pytest.approx(numbers(frame, plan), rel=1e-9)


@pytest.mark.parametrize("design", LINEAR)
def test_equal_weights_are_no_weights(design: str) -> None:
    frame, weighted = rows_for(design).assign(w=37.0), plan_of(design, roles={"weight": "w"})
    assert numbers(frame, weighted) == pytest.approx(numbers(frame, plan_of(design)), rel=1e-12)


@pytest.mark.parametrize("design", LINEAR)
def test_a_row_of_weight_zero_is_no_row(design: str) -> None:
    plan = plan_of(design, roles={"weight": "w"})
    frame = rows_for(design)
    silent = frame.assign(w=np.where(frame.index % 7 == 3, 0.0, frame["w"]))
    assert numbers(silent, plan) == pytest.approx(numbers(silent[silent["w"] > 0], plan), rel=1e-12)


@pytest.mark.parametrize("design", LINEAR)
def test_rows_that_are_dropped_might_as_well_be_absent(design: str) -> None:
    frame = rows_for(design)
    holes = frame.assign(y=frame["y"].where(frame.index % 9 != 4))
    assert numbers(holes, plan_of(design)) == numbers(holes.dropna(subset="y"), plan_of(design))


@pytest.mark.parametrize("kind", ["cr2", "hc2"])
def test_with_a_cluster_for_every_row_cr2_is_hc2(kind: str) -> None:
    frame = FRAME.assign(school=range(len(FRAME)))
    roles = {"treated": "treated", "cluster": "school"}
    found = estimated(frame, plan_for(data=roles, inference={"standard_error": kind}))
    plain = estimated(frame, plan_for(inference={"standard_error": "hc2"}))
    assert found.standard_error == pytest.approx(plain.standard_error, rel=1e-10)


def test_further_outcomes_change_nothing_but_the_adjusted_p_value(indicator: Indicator) -> None:
    alone = estimated(FRAME, plan_for(outcome=[indicator("y")]))
    among = estimated(FRAME, plan_for(outcome=[indicator("y"), indicator("z"), indicator("x")]))
    assert replace(among, p_adjusted=None) == replace(alone, p_adjusted=None)
    assert (among.p_adjusted or 0) >= (alone.p_adjusted or 0)


def test_many_rows_are_answered_as_if_they_had_been_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stated = panels.plan("stepped_wedge", "cr2", ["x"])
    frame = panels.panel(panels.Shape(seed=5, clusters=8, units=4, periods=5, lost=0.1, level=9.0, parts=1))
    path = panels.parquet(frame, tmp_path / "rows.parquet")
    by_rows = analyse(path, stated)
    monkeypatch.setattr(routing, "LARGE", 10)
    by_moments = analyse([path], stated)
    one, other = by_rows.estimates[0], by_moments.estimates[0]
    assert isinstance(one, EffectEstimate)
    assert isinstance(other, EffectEstimate)
    assert (other.estimate, other.standard_error) == pytest.approx((one.estimate, one.standard_error), rel=1e-9)
    assert other.p_adjusted == pytest.approx(one.p_adjusted, rel=1e-7)
    assert by_moments.data == replace(by_rows.data, content=None)
    beside = ("one_cluster_left_out", "correlation_decay", "effect_by_exposure")
    names = [check.name for check in by_rows.diagnostics if check.name not in beside]
    assert [check.name for check in by_moments.diagnostics] == [*names, "compression"]
    assert by_moments.to_json() == analyse(str(path), stated).to_json()


def test_rows_that_cross_products_do_not_answer_are_read_and_the_reason_is_a_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    frame = panels.panel(panels.Shape(seed=5, clusters=8, units=4, periods=5, lost=0.1, level=9.0, parts=1))
    path = panels.parquet(frame.assign(twin=frame["x"] * 2.0 + 1e-5 * frame["z"]), tmp_path / "rows.parquet")
    monkeypatch.setattr(routing, "LARGE", 10)
    for stated, word in (
        (panels.plan("stepped_wedge", "cr2", ["factor(stratum)"]), "factor"),
        (panels.plan("stepped_wedge", "cr2", ["x", "twin"]), "digits"),
    ):
        found = analyse(path, stated)
        assert found.data.content is not None
        checks = [check for check in found.diagnostics if check.name == "compression"]
        assert [check.verdict.value for check in checks] == ["inapplicable"]
        assert word in str(checks[0].detail)


def test_moments_alone_give_the_answer_or_say_what_is_lacking(tmp_path: Path) -> None:
    stated = panels.plan("stepped_wedge", "cr1")
    frame = panels.panel(panels.Shape(seed=5, clusters=8, units=4, periods=5, lost=0.0, level=9.0, parts=1))
    kept = panels.moments(frame, tmp_path, stated)
    assert isinstance(analyse(kept, stated).estimates[0], EffectEstimate)
    few = panels.moments(frame[frame["cluster"] == "c0"], tmp_path, stated, "few")
    entry = analyse(few, stated).estimates[0]
    assert isinstance(entry, NotEstimable)


# ---- too many rows for an estimator that holds them ------------------------------------------------------------------


def two_waves(people: int) -> pd.DataFrame:
    """People of eight clusters, seen twice; their own levels and changes differ."""
    draw = np.random.default_rng(8)
    person = np.repeat(np.arange(people), 2)
    wave = np.tile([0, 1], people)
    cluster = person % 8
    treated = ((cluster < 4) & (wave == 1)).astype(int)
    score = draw.normal(size=people)[person] + 0.4 * wave + 0.3 * treated + draw.normal(size=2 * people)
    return pd.DataFrame({"person": person, "wave": wave, "site": cluster, "treated": treated, "score": score})


def changes_plan(roles: str = "") -> AnalysisPlan:
    return AnalysisPlan.from_text(
        'schema = "virkning-plan/1"\ntitle = "t"\ndesign = "two_period_did"\nestimand = "att"\n[data]\n'
        f'unit = "person"\nperiod = "wave"\ncluster = "site"\ntreated = "treated"\n{roles}\n[[outcome]]\n'
        'column = "score"\nrole = "primary"\ndomain = "citizen"\nbetter = "higher"\nminimal_important = 0.1\n'
        '[model]\nfixed_effects = ["unit", "period"]\n[inference]\nstandard_error = "cr1"\n'
    )


def difference_of_changes(frame: pd.DataFrame) -> tuple[float, float]:
    """The difference of mean changes and its cr1 error, written out: clusters of equal size, changes of each."""
    wide = frame.pivot(index=["person", "site"], columns="wave", values="score").reset_index()
    change, treated = wide[1] - wide[0], wide["site"] < 4
    means = {arm: float(change[treated == arm].mean()) for arm in (True, False)}
    left = change - treated.map(means)
    sums = left.groupby(wide["site"]).sum()
    half = len(wide) / 2.0
    return means[True] - means[False], float(np.sqrt(8 / 7 * np.sum(sums**2)) / half)


@pytest.mark.parametrize("form", ["frame", "csv", "parquet"])
def test_rows_too_many_for_their_dummies_are_answered_from_sums(form: str, tmp_path: Path) -> None:
    frame = two_waves(10_400)  # 10,404 columns for 20,800 rows
    given_rows: Tabular = frame
    if form == "csv":
        given_rows = as_csv(frame, tmp_path / "rows.csv")
    elif form == "parquet":
        given_rows = as_parquet(frame, tmp_path / "rows.parquet")
    result = analyse(given_rows, changes_plan())
    found = result.estimates[0]
    assert isinstance(found, EffectEstimate)
    assert (found.estimate, found.standard_error) == pytest.approx(difference_of_changes(frame), rel=1e-9)
    assert (found.rows, found.units, found.clusters) == (20_800, 10_400, 8)
    assert (result.data.rows, result.data.rows_used) == (20_800, 20_800)
    assert result.data.content is not None
    checks = {check.name: check.verdict for check in result.diagnostics}
    assert checks["compression"] == "pass"


def test_what_would_have_stood_beside_such_an_answer_says_that_it_needs_rows() -> None:
    beside = [entry for entry in analyse(two_waves(10_400), changes_plan()).estimates if entry.analysis != "primary"]
    assert all(isinstance(entry, NotEstimable) and entry.reason == "needs_rows" for entry in beside)


def test_where_sums_do_not_answer_either_the_rows_own_refusal_stands() -> None:
    weighted = two_waves(10_400).assign(people=2)
    found = analyse(weighted, changes_plan('weight = "people"')).estimates[0]
    assert isinstance(found, NotEstimable)
    assert found.reason == "not_implemented"
    assert "columns for 20800 rows" in str(found.detail)
