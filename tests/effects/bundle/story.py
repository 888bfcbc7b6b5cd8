"""A bundle of three pilots: one with its moments, one of which only the hash is given, one published elsewhere."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import tomli_w

from effects.analyse import analyse
from effects.bundle.parts import MANIFEST, METADATA, Parts, PilotPart
from effects.bundle.reading import Bundle
from effects.bundle.recomputing import advised, graded
from effects.bundle.versions import versions_here
from effects.bundle.worth import synthesised, valued
from effects.bundle.writing import files_of, write_bundle, zipped
from effects.compression.compress import compress
from effects.compression.files import to_bytes
from effects.moments import Moments
from effects.plan import AnalysisPlan
from effects.planning.settings import settle
from effects.rules.claims import standard_error
from effects.rules.indicator import Indicator
from effects.serialize import document

PLAN = {
    "schema": "virkning-plan/1",
    "title": "Night sensors",
    "design": "cluster_randomised",
    "estimand": "itt",
    "data": {"cluster": "home", "treated": "sensor"},
    "outcome": [
        {"column": "falls", "role": "primary", "domain": "safety", "better": "lower", "minimal_important": 0.5},
        {"column": "strain", "role": "guardrail", "domain": "staff", "better": "lower", "minimal_important": 0.4},
    ],
    "inference": {"standard_error": "cr2", "seed": 7},
}
KNOWN = {
    "has_baseline": True,
    "has_comparison": True,
    "attrition_treated": 0.05,
    "attrition_control": 0.04,
    "dose": 0.9,
    "contamination": 0.02,
    "confounders_unmeasured": 0,
    "blinded": True,
    "self_report": False,
    "in_plan": True,
}


BUSINESS_CASE = """
schema = "virkning-business-case/1"

[business_case]
technology = "Night sensors"
major_version = "1"
title = "Night sensors in every home"
currency = "DKK"
perspective = "The municipalities"
price_year = 2026
start_year = 2027
horizon_years = 4
stated_on = 2026-11-22
payers = ["municipality"]

[[volume]]
name = "residents"
title = "Residents with sensors"
low = 4
likely = 5
high = 6
status = "measured"
source = "The homes, 2025"

[[line]]
title = "Licences"
kind = "cost"
payer = "municipality"
timing = "yearly"
scope = "per_municipality"
amount = 10000
status = "agreed"
source = "The contract"

[[line]]
title = "Fewer falls"
kind = "benefit"
payer = "municipality"
timing = "yearly"
scope = "per_unit"
volume = "residents"
amount = 4500
status = "measured"
indicator = "falls"
better = "lower"
"""
PLACES = {
    "places": [
        {"code": "2001", "name": "Lilleby", "region": "Test", "size_class": "small", "population": 20_000},
        {"code": "2002", "name": "Storby", "region": "Test", "size_class": "large", "population": 200_000},
    ]
}


def rows(seed: int, homes: int = 16) -> pd.DataFrame:
    """Twelve residents in each of some homes; sensors prevent a fall or so."""
    draw = np.random.default_rng(seed)
    home = np.repeat(np.arange(homes), 12)
    sensor = home % 2
    falls = 3.0 - 0.9 * sensor + draw.normal(0, 0.3, homes)[home] + draw.normal(0, 0.8, home.size)
    strain = 5.0 + draw.normal(0, 0.3, homes)[home] + draw.normal(0, 0.8, home.size)
    names = [f"home {number:02d}" for number in home]
    return pd.DataFrame({"home": names, "sensor": sensor, "falls": falls, "strain": strain})


def the_case(result: dict[str, Any], plan: AnalysisPlan) -> dict[str, Any]:
    """The case of one pilot as the registry writes it."""
    entries = {entry["outcome"]: entry for entry in reversed(result["estimates"]) if entry["analysis"] == "primary"}
    arms = {
        check["outcome"]: check["statistic"] for check in result["diagnostics"] if check["name"] == "clusters_per_arm"
    }
    indicators = []
    for outcome in plan.outcomes:
        entry = entries[outcome.column]
        stated = {name: entry[name] for name in ("estimate", "p_value", "standard_error", "df")}
        limits = {name: entry["interval"][name] for name in ("low", "high", "level")}
        planned = {"name": outcome.column, "role": str(outcome.role), "domain": str(outcome.domain)}
        planned |= {"better": str(outcome.better), "claim": "better", "design": plan.design.value}
        clusters = dict.fromkeys(("clusters_treated", "clusters_control"), round(arms[outcome.column]))
        numbers = {"minimal_important": outcome.minimal_important}
        indicators.append({**planned, **numbers, **stated, **limits, **clusters, **KNOWN})
    gates = {"G1": {"holds": True}, "G3": {"holds": True}, "G4": {"holds": True}, "G5": {"holds": True}}
    return {
        "schema": "virkning-case/1",
        "case": {"technology": "Night sensors", "major_version": "1", "analysed_by_supplier_or_owner": False},
        "indicator": indicators,
        "portfolio": {"pilots": 1, "untested_size_classes": 0.1},
        "gates": gates,
    }


def pooled(cases: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The case of the technology: each pilot a study, all else that of the first pilot."""
    first = next(iter(cases.values()))
    indicators = []
    for indicator in first["indicator"]:
        kept = {name: value for name, value in indicator.items() if name not in FIGURES}
        indicators.append({**kept, "study": [_study(name, case, indicator["name"]) for name, case in cases.items()]})
    reach = {"pilots": len(cases), "untested_size_classes": 0.1, "share_silent": 0.0, "strata_covered": True}
    reach |= {"municipalities_with_comparison": 7, "regions_with_comparison": 3}
    return {**first, "indicator": indicators, "portfolio": reach}


FIGURES = ("estimate", "p_value", "standard_error", "df", "low", "high", "level")


def _study(pilot: str, case: dict[str, Any], name: str) -> dict[str, Any]:
    stated = next(one for one in case["indicator"] if one["name"] == name)
    kept = {key: value for key, value in stated.items() if key in Indicator.__dataclass_fields__}
    error = standard_error(Indicator(**kept), 0.95)
    return {"pilot": pilot, "estimate": stated["estimate"], "standard_error": error, "date": "2026-05-01"}


def _run(seed: int, small: bool) -> tuple[bytes, bytes, bytes | None]:
    """Plan file, result file and, where `small`, the moments it was made from."""
    plan = AnalysisPlan.from_mapping(PLAN)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.parquet"
        with duckdb.connect(":memory:") as connection:
            connection.from_df(rows(seed)).write_parquet(str(path))
        found = compress([path], plan, settle(plan, None)[0]) if small else path
        assert isinstance(found, Moments | Path)
        result = analyse(found, plan).to_json()
    return plan.to_toml().encode(), result, to_bytes(found) if isinstance(found, Moments) else None


@cache
def the_parts() -> Parts:
    """Everything that the bundle holds."""
    plan = AnalysisPlan.from_mapping(PLAN)
    cases, pilots = {}, []
    for number, small in (("11", True), ("12", False)):
        toml, result, moments = _run(int(number), small)
        cases[number] = the_case(json.loads(result), plan)
        case = tomli_w.dumps(cases[number]).encode()
        told = {"title": f"Pilot {number}", "study": number, "plan": toml, "result": result, "moments": moments}
        pilots.append(PilotPart(case=case, grade=graded(case), **told))
    cases["13"] = json.loads(json.dumps(cases["12"]))
    for indicator in cases["13"]["indicator"]:
        for name in ("p_value", "standard_error", "df"):
            del indicator[name]
        indicator |= {"estimate": -0.5, "low": -1.1, "high": 0.1}
    case = tomli_w.dumps(cases["13"]).encode()
    source = "Nordic Journal 2025;3:14"
    pilots.append(PilotPart(title="Elsewhere", study="13", case=case, grade=graded(case), source=source))
    together = pooled(cases)
    synthesis = synthesised(tomli_w.dumps(together).encode())
    places = document(PLACES)
    valuation = valued(BUSINESS_CASE.encode(), places, synthesis, ())
    together["economy"] = json.loads(valuation)["economy"]
    case = tomli_w.dumps(together).encode()
    return Parts(
        issued_on="2026-05-02",
        issued_at="/recommendations/4",
        versions=versions_here(),
        case=case,
        advice=advised(case),
        pilots=tuple(pilots),
        synthesis=synthesis,
        business_case=BUSINESS_CASE.encode(),
        places=places,
        valuation=valuation,
    )


def bundle_of(files: Mapping[str, bytes]) -> Bundle:
    """A bundle of these files as it is read."""
    metadata, manifest = json.loads(files[METADATA]), json.loads(files[MANIFEST])
    return Bundle(files, metadata, manifest, None)


def a_zip(files: Mapping[str, bytes], folder: Path) -> Path:
    """A ZIP file of these files."""
    path = folder / "bundle.zip"
    path.write_bytes(zipped(dict(files)))
    return path


@cache
def the_files() -> dict[str, bytes]:
    """Every file of the bundle by name; treat it as frozen."""
    return files_of(the_parts())


def the_zip() -> bytes:
    """The bundle as it is downloaded."""
    return write_bundle(the_parts())
