from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.special import stdtrit

from effects import analyse
from effects.codes import Calibration
from effects.errors import DataError
from effects.estimators.before_after import NOT_CAUSAL
from effects.estimators.survey.calibration import Calibrated, calibrate
from effects.estimators.survey.means import Estimate, Part, contrast
from effects.estimators.survey.sampling import one_stage
from effects.results import EffectEstimate, NotEstimable
from tests.effects.designs import estimated, first, outcome, plan_for
from tests.effects.estimators.survey.schools import plan, schools

KINDS = {"kind": {"E": 300.0, "H": 220.0, "M": 200.0}}
AREAS = {"area": {"city": 400.0, "land": 320.0}}


def test_without_design_it_is_the_difference_of_two_means() -> None:
    rows = schools()
    found = estimated(rows, plan_for("survey_before_after"))
    waves = [rows.loc[rows["wave"] == wave, "y"] for wave in (0, 1)]
    assert found.estimate == pytest.approx(waves[1].mean() - waves[0].mean())
    assert found.standard_error == pytest.approx(np.sqrt(sum(wave.var() / len(wave) for wave in waves)))
    assert (found.df, found.estimator, found.standard_error_kind) == (118, "weighted_means", "linearised")


def test_the_same_clusters_before_and_after_are_compared_within_themselves() -> None:
    rows = schools(clusters=10)
    apart = rows.assign(district=rows["district"] + 100 * rows["wave"])
    together, separate = estimated(rows, plan()), estimated(apart, plan())
    assert together.estimate == pytest.approx(separate.estimate)
    assert together.standard_error < 0.8 * separate.standard_error
    assert (together.df, separate.df) == (9, 18)


@pytest.mark.parametrize(
    ("calibration", "margins"),
    [
        ("poststratification", KINDS),
        ("raking", {**KINDS, **AREAS}),
        ("greg", {**KINDS, "last": {"total": 50_000.0}}),
    ],
)
def test_each_calibration_is_named_and_gives_the_population_shares(
    calibration: str, margins: dict[str, dict[str, float]]
) -> None:
    stated = plan(calibration=calibration, margins=margins)
    found = estimated(schools(), stated)
    assert found.estimator == calibration
    shares = [np.where(schools()["kind"] == kind, 1.0, 0.0) for kind in "EHM"]
    moved = schools().assign(y=lambda own: shares[0] * 9 * own["wave"] + own["wave"] * 0.0 + own["last"] * 1e-9)
    assert estimated(moved, stated).estimate == pytest.approx(9 * 300 / 720, rel=1e-2)


def test_a_finite_population_shrinks_the_error_by_what_was_drawn() -> None:
    one, other = estimated(schools(), plan()), estimated(schools(), plan(fpc="districts"))
    assert other.standard_error == pytest.approx(one.standard_error * np.sqrt(1 - 10 / 40))


def test_those_who_did_not_answer_are_not_what_was_drawn() -> None:
    rows = schools().assign(districts=10)
    assert first(analyse(rows, plan(fpc="districts"))).kind == "not_estimable"
    rows.loc[::5, "y"] = np.nan
    found = estimated(rows, plan(fpc="districts"))
    assert found.standard_error > 0.0
    assert found.rows == 96


def test_a_subgroup_is_a_domain_of_the_calibrated_sample() -> None:
    mapping = {"wave": "wave", "calibration": "poststratification", "margins": KINDS}
    stated = plan_for(
        "survey_before_after",
        data={"cluster": "district", "weight": "w"},
        outcome=[outcome("y")],
        survey=mapping,
        subgroup=[{"column": "area"}],
    )
    found = analyse(schools(), stated).estimates
    levels = [entry for entry in found if entry.subgroup and entry.aggregation == "overall"]
    assert [entry.kind for entry in levels] == ["estimate", "estimate"]
    assert all(isinstance(entry, EffectEstimate) and entry.df == 9 for entry in levels)


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [("kind", "X", "level_without_total"), ("kind", None, "missing_values"), ("districts", None, "missing_values")],
)
def test_columns_that_do_not_fit_the_margins_are_findings(column: str, value: str | None, code: str) -> None:
    rows = schools()
    rows[column] = rows[column].astype(object)
    rows.loc[3, column] = value
    with pytest.raises(DataError) as raised:
        analyse(rows, plan(fpc="districts", calibration="poststratification", margins=KINDS))
    assert [finding.code for finding in raised.value.findings] == [code]


def test_a_level_missing_from_one_wave_is_named() -> None:
    rows = schools()
    gone = rows[(rows["kind"] != "H") | (rows["wave"] == 0)]
    found = first(analyse(gone, plan(calibration="poststratification", margins=KINDS)))
    assert isinstance(found, NotEstimable)
    assert (found.reason, str(found.detail)) == ("calibration", "nobody in the sample has kind = H")


def test_one_cluster_in_a_stratum_is_refused_by_name() -> None:
    rows = schools().assign(layer=lambda own: np.minimum(own["district"], 8))
    found = first(analyse(rows[rows["district"] > 0], plan({"strata": "layer"})))
    assert isinstance(found, NotEstimable)
    assert found.reason == "lonely_cluster"


def test_huge_outcomes_and_single_rows_have_no_answer_but_a_reason() -> None:
    rows = schools()
    for spoilt in (rows.assign(y=rows["y"] * 1e307), rows[:1], rows[59:62], rows.assign(w=0.0)):
        found = first(analyse(spoilt, plan()))
        assert isinstance(found, NotEstimable)
        assert str(found.needs)


def test_the_california_schools_raked_in_two_waves_meet_r(reference: Path) -> None:
    """Raked with R's stopping rule and its sweeps: to the ten digits that the reference was noted with."""
    rows, everybody = (pd.read_csv(reference / name) for name in ("api_clus1.csv", "api_pop.csv"))
    margins = {
        name: {key: int(n) for key, n in everybody[name].value_counts().items()} for name in ("stype", "sch.wide")
    }
    long = pd.concat([rows.assign(wave=0, y=rows["api99"]), rows.assign(wave=1, y=rows["api00"])])
    stated = plan_for(
        "survey_before_after",
        data={"cluster": "dnum", "weight": "pw"},
        outcome=[outcome("y")],
        survey={"wave": "wave", "fpc": "fpc", "calibration": "raking", "margins": margins},
    )
    found = estimated(long, stated)
    assert found.estimate == pytest.approx(34.31293882, rel=1e-9)
    assert found.standard_error == pytest.approx(2.868275304, rel=1e-9)
    assert (found.df, found.clusters) == (14, 15)


@pytest.mark.parametrize("calibration", ["none", "poststratification", "greg"])
def test_whatever_few_rows_hold_there_is_an_answer_or_a_finding(calibration: str) -> None:
    """Fifty seeded tables of up to 20 rows with values and weights that no table should hold."""
    random = np.random.Generator(np.random.PCG64(len(calibration)))
    strange = np.array([0.0, 1.0, np.nan, 1e300, -1e300, 1e-300, np.inf, 1e17])
    margins = {} if calibration == "none" else {"margins": {"kind": {"E": 30, "H": 50}}}
    for size in random.integers(0, 21, 50).tolist():
        frame = pd.DataFrame(
            {
                "wave": random.integers(0, 2, size) * 1.0,
                "district": random.integers(0, 4, size),
                "layer": random.integers(0, 2, size),
                "kind": random.choice(["E", "H"], size),
                "y": np.where(random.random(size) < 0.1, random.choice(strange, size), random.normal(size=size)),
                "w": random.choice([1.0, 2.0, 0.0, 1e308, 5e-324], size),
                "districts": 8,
            }
        )
        try:
            found = first(
                analyse(frame, plan({"strata": "layer"}, fpc="districts", calibration=calibration, **margins))
            )
        except DataError as refused:
            assert {finding.code for finding in refused.findings} <= {"total_without_level"}
        else:
            assert found.kind in ("estimate", "not_estimable")


def test_persons_before_and_after_are_compared_within_themselves() -> None:
    """Paired by hand: the mean of the changes with the standard error of a mean."""
    rows = schools().assign(person=lambda own: own.index % 60)
    stated = plan_for("survey_before_after", data={"unit": "person"}, outcome=[outcome("y")])
    found = estimated(rows, stated)
    wide = rows.pivot_table(index="person", columns="wave", values="y")
    change = wide[1] - wide[0]
    assert found.estimate == pytest.approx(change.mean())
    assert found.standard_error == pytest.approx(change.std() / np.sqrt(60))
    assert found.df == 59


def test_covariates_are_not_quietly_ignored() -> None:
    stated = plan_for("survey_before_after", outcome=[outcome("y", covariates=["last"])])
    found = estimated(schools(), stated)
    assert found.note is not None
    assert "tie it to margins" in " ".join(str(note) for note in found.note)


def test_the_note_counts_those_who_did_not_answer() -> None:
    rows = schools()
    rows.loc[::5, "y"] = np.nan
    found = estimated(rows, plan(fpc="districts"))
    assert found.note is not None
    assert str(found.note[1]).startswith("24 of 120 rows did not answer")
    assert estimated(rows, plan()).note == (NOT_CAUSAL,)


def test_the_order_of_the_rows_does_not_change_a_byte() -> None:
    stated = plan({"strata": "layer"}, fpc="districts", calibration="raking", margins={**KINDS, **AREAS})
    rows = schools()
    assert analyse(rows, stated).to_json() == analyse(rows.sample(frac=1.0, random_state=4), stated).to_json()


def test_clustered_samples_cover_the_truth() -> None:
    """300 seeded surveys of 10 new clusters a wave without change; the Monte Carlo interval must meet 93 to 97 %."""
    covered = 0
    for seed in range(300):
        rows = schools(seed=1000 + seed)
        rows["district"] += 100 * rows["wave"]
        random = np.random.Generator(np.random.PCG64(seed))
        level = random.normal(0, 3, 200)[rows["district"]]
        rows["y"] = level + random.normal(0, 5, len(rows))
        sample = survey_of(rows)
        covered += abs(sample.estimate) < stdtrit(sample.df, 0.975) * sample.standard_error
    share = covered / 300
    reach = 2.6 * np.sqrt(share * (1 - share) / 300)
    assert share + reach > 0.93
    assert share - reach < 0.97


def survey_of(rows: pd.DataFrame) -> Estimate:
    """The change of y by the numeric core alone."""
    weights, wave = rows["w"].to_numpy(), rows["wave"].to_numpy()
    clusters = np.unique(rows["district"], return_inverse=True)[1]
    parts = []
    for sign, place in ((-1.0, 0), (1.0, 1)):
        own = wave == place
        tied = calibrate(Calibration.NONE, weights[own], [])
        assert isinstance(tied, Calibrated)
        parts.append((sign, Part(own, tied, np.ones(int(own.sum()), dtype=np.bool_))))
    found = contrast(rows["y"].to_numpy(), parts, one_stage(weights, clusters, wave, None))
    assert isinstance(found, Estimate)
    return found
