from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from effects import survey
from effects.errors import DataError

# Lohr, Sampling: Design and Analysis, example 5.2 (GPA): 5 of 100 suites, all 4 persons of each.
GPA = pd.DataFrame(
    {
        "suite": np.repeat(np.arange(1, 6), 4),
        "gpa": [
            *(3.08, 2.60, 3.44, 3.04, 2.36, 3.04, 3.28, 2.68, 2.00, 2.56),
            *(2.52, 1.88, 3.00, 2.88, 3.44, 3.64, 2.68, 1.92, 3.28, 3.20),
        ],
        "suites": 100,
    }
)


def test_one_stage_clusters_give_the_published_grade_average() -> None:
    """Published to three decimals: 2.826 with a standard error of 0.164 (Lohr, example 5.2)."""
    found = survey.mean(survey.sample(GPA, cluster="suite", fpc="suites"), "gpa")
    assert found.estimate == pytest.approx(2.826, abs=5e-4)
    assert found.standard_error == pytest.approx(0.164, abs=5e-4)
    assert found.df == 4


def test_the_difference_of_two_columns_is_the_mean_of_their_difference() -> None:
    table = GPA.assign(before=GPA["gpa"] - np.arange(20) / 40)
    drawn = survey.sample(table.assign(change=table["gpa"] - table["before"]), cluster="suite")
    one, other = survey.difference(drawn, "gpa", "before"), survey.mean(drawn, "change")
    assert one.estimate == pytest.approx(other.estimate)
    assert one.standard_error == pytest.approx(other.standard_error)


def test_rows_without_a_value_are_left_out_as_a_domain() -> None:
    table = GPA.assign(gpa=GPA["gpa"].where(GPA.index != 3))
    found = survey.mean(survey.sample(table, cluster="suite"), "gpa")
    assert found.estimate == pytest.approx(table["gpa"].mean())
    assert found.df == 4


def test_strata_of_unequal_size_are_weighted_by_their_population() -> None:
    """Two strata by hand: means 2 and 10, variances 1 and 4, 3 of 30 and 3 of 10 drawn."""
    table = pd.DataFrame({"h": [1, 1, 1, 2, 2, 2], "n": [30] * 3 + [10] * 3, "y": [1, 2, 3, 8, 10, 12]})
    found = survey.mean(survey.sample(table, strata="h", fpc="n"), "y")
    assert found.estimate == pytest.approx((30 * 2 + 10 * 10) / 40)
    expected = (0.75**2 * (1 - 0.1) * 1 + 0.25**2 * (1 - 0.3) * 4) / 3
    assert found.standard_error == pytest.approx(np.sqrt(expected))
    assert found.df == 4


@pytest.mark.parametrize(
    ("margins", "code"),
    [
        ({"suite": {"1": 20}}, "level_without_total"),
        ({"nothing": {"1": 20}}, "missing_column"),
    ],
)
def test_margins_that_do_not_fit_are_findings(margins: dict[str, dict[str, float]], code: str) -> None:
    with pytest.raises(DataError) as raised:
        survey.sample(GPA, cluster="suite", calibration="poststratification", margins=margins)
    assert {finding.code for finding in raised.value.findings} == {code}


@pytest.mark.parametrize("column", ["suite", "w"])
def test_rows_without_their_part_in_the_design_are_findings(column: str) -> None:
    table = GPA.assign(w=1.0)
    table[column] = table[column].where(table.index != 7)
    with pytest.raises(DataError) as raised:
        survey.sample(table, cluster="suite", weight="w")
    assert [finding.code for finding in raised.value.findings] == ["missing_values"]


def test_a_weight_of_nothing_is_a_finding() -> None:
    with pytest.raises(DataError) as raised:
        survey.sample(GPA.assign(w=0.0), weight="w")
    assert [finding.code for finding in raised.value.findings] == ["not_positive"]


def test_an_unknown_column_is_a_finding() -> None:
    with pytest.raises(DataError):
        survey.mean(survey.sample(GPA), "nothing")


def test_one_cluster_is_refused_in_words() -> None:
    with pytest.raises(DataError) as raised:
        survey.mean(survey.sample(GPA[:4], cluster="suite"), "gpa")
    assert "at least 2 clusters" in str(raised.value)


@pytest.mark.parametrize("table", [GPA[:0], GPA.assign(gpa=np.nan)])
def test_nobody_is_no_survey(table: pd.DataFrame) -> None:
    with pytest.raises(DataError) as raised:
        survey.mean(survey.sample(table), "gpa")
    assert [finding.code for finding in raised.value.findings] == ["no_rows"]


def test_huge_values_are_refused_without_a_warning() -> None:
    with pytest.raises(DataError) as raised:
        survey.mean(survey.sample(GPA.assign(gpa=GPA["gpa"] * 1e300)), "gpa")
    assert [finding.code for finding in raised.value.findings] == ["not_finite"]


def test_clusters_are_numbered_anew_in_each_stratum() -> None:
    table = GPA.assign(h=GPA.index // 8, n=GPA.index % 8 // 4)
    one, other = (
        survey.mean(survey.sample(own, strata="h", cluster="n"), "gpa")
        for own in (table[:16], table[:16].assign(n=table["n"] + 10 * table["h"]))
    )
    assert one == other
    assert one.df == 2


REGIONS = {
    "NC": (1054, 103, 300504.16, 172099.10),
    "NE": (220, 21, 97629.81, 87449.83),
    "S": (1382, 135, 211315.04, 231489.68),
    "W": (422, 41, 662295.51, 629432.98),
}
"""Counties, those drawn, and mean and standard deviation of farm acres: Lohr, Sampling, example 3.2."""


def test_a_stratified_sample_gives_the_published_mean_of_farm_acres() -> None:
    """Published total 909,736,034 with a standard error of 50,417,248, over 3,078 counties; figures rounded there."""
    parts = []
    for region, (population, drawn, mean, deviation) in REGIONS.items():
        steps = np.arange(drawn, dtype=np.float64)
        values = mean + deviation * (steps - steps.mean()) / steps.std(ddof=1)
        parts.append(pd.DataFrame({"region": region, "counties": population, "acres": values}))
    found = survey.mean(survey.sample(pd.concat(parts), strata="region", fpc="counties"), "acres")
    assert 3078 * found.estimate == pytest.approx(909_736_034, rel=1e-5)
    assert 3078 * found.standard_error == pytest.approx(50_417_248, rel=1e-5)
    assert found.df == 300 - 4


def test_greg_with_one_total_is_the_regression_estimator() -> None:
    """By hand: mean y + slope (population mean of x - mean x), error from the residuals of that line."""
    random = np.random.Generator(np.random.PCG64(8))
    x = random.uniform(1, 9, 25)
    table = pd.DataFrame({"x": x, "y": 2 + 3 * x + random.normal(size=25), "all": "yes", "n": 500})
    drawn = survey.sample(table, fpc="n", calibration="greg", margins={"x": {"total": 2600.0}, "all": {"yes": 500.0}})
    found = survey.mean(drawn, "y")
    slope, level = np.polyfit(x, table["y"], 1)
    assert found.estimate == pytest.approx(level + slope * 2600 / 500)
    weights = 20 * (1 + (2600 / 500 - x.mean()) * (x - x.mean()) / np.mean((x - x.mean()) ** 2))
    scores = weights * (table["y"] - level - slope * x) / 500
    expected = (1 - 25 / 500) * 25 * np.var(scores, ddof=1)
    assert found.standard_error == pytest.approx(np.sqrt(expected))


def test_post_stratification_is_sharper_where_the_strata_differ() -> None:
    random = np.random.Generator(np.random.PCG64(4))
    kind = np.repeat(["a", "b"], [60, 40])
    table = pd.DataFrame({"kind": kind, "y": 10.0 * (kind == "a") + random.normal(size=100)})
    margins = {"kind": {"a": 500.0, "b": 500.0}}
    plain = survey.mean(survey.sample(table), "y")
    tied = survey.mean(survey.sample(table, calibration="poststratification", margins=margins), "y")
    means = table.groupby("kind")["y"].mean()
    assert tied.estimate == pytest.approx(means.mean())
    assert tied.standard_error < 0.3 * plain.standard_error


def test_a_table_may_be_a_file(tmp_path: Path) -> None:
    GPA.to_csv(tmp_path / "gpa.csv", index=False)
    stored = survey.mean(survey.sample(tmp_path / "gpa.csv", cluster="suite", fpc="suites"), "gpa")
    assert stored == survey.mean(survey.sample(GPA, cluster="suite", fpc="suites"), "gpa")


CALIFORNIA = {
    "none": (644.1693989, 23.54224069),
    "raking": (641.2302469, 23.70364124),
    "poststratification": (642.3107882, 23.92048645),
    "greg": (665.3090712, 3.441753116),
}


def test_the_california_schools_meet_r(reference: Path) -> None:
    """R package survey 4.1.1, to the ten digits it was noted with."""
    everybody = pd.read_csv(reference / "api_pop.csv")
    counts = {
        name: {key: int(n) for key, n in everybody[name].value_counts().items()} for name in ("stype", "sch.wide")
    }
    margins = {
        "none": {},
        "raking": counts,
        "poststratification": {"stype": counts["stype"]},
        "greg": {"stype": counts["stype"], "api99": {"total": float(everybody["api99"].sum())}},
    }
    for method, (estimate, error) in CALIFORNIA.items():
        drawn = survey.sample(
            reference / "api_clus1.csv",
            weight="pw",
            cluster="dnum",
            fpc="fpc",
            calibration=method,
            margins=margins[method],
        )
        found = survey.mean(drawn, "api00")
        assert (found.estimate, found.standard_error) == (
            pytest.approx(estimate, rel=1e-9),
            pytest.approx(error, rel=1e-9),
        )
