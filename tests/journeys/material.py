"""What the main job is done on: the real trial where it is at hand, else the simulated pilot of the demo."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.seeding import files
from registry.seeding.files import MunicipalitySeed
from registry.seeding.rows import simulated_csv
from tests.conftest import ROOT

REFERENCE = ROOT.parent / "shared" / "data" / "reference"


@dataclass(frozen=True)
class Material:
    """A plan file, rows that fit it, and the effects that independent software found in them, by outcome."""

    plan: str
    rows: bytes
    filename: str
    expected: dict[str, dict[str, Any]]

    @property
    def distinguishable(self) -> set[str]:
        """Outcomes whose effect differs from zero, by the adjusted p where the plan adjusts."""
        return {name for name, effect in self.expected.items() if p_of(effect) < 0.05}


def p_of(effect: Mapping[str, Any]) -> float:
    """The p that counts: the adjusted one where there is one."""
    adjusted = effect["p_adjusted"]
    return float(effect["p_value"] if adjusted is None else adjusted)


def material(scratch: Path) -> Material:
    """The stepped-wedge trial of a digital public service, or the simulated pilot where that folder is absent."""
    return _real() if (REFERENCE / "cict_indicators.csv").exists() else _simulated(scratch)


def _real() -> Material:
    cases = tomllib.loads((REFERENCE / "reference.toml").read_text("utf-8"))["case"]
    case = next(one for one in cases if one["plan"] == "plans/cict_indicators.toml")
    return Material(
        plan=(REFERENCE / case["plan"]).read_text("utf-8"),
        rows=(REFERENCE / case["data"]).read_bytes(),
        filename=case["data"],
        expected={one["outcome"]: one for one in case["expect"]},
    )


def _simulated(scratch: Path) -> Material:
    seed = next(pilot for pilot in files.programme().pilot if pilot.simulation)
    assert seed.simulation is not None
    plan, rows = scratch / "plan.toml", scratch / "simulated.csv"
    plan.write_text(files.text(seed.plan), "utf-8")
    codes = [one.code for one in files.rows("municipalities.csv", MunicipalitySeed)]
    rows.write_bytes(simulated_csv(seed.simulation, codes))
    call = [sys.executable, "-m", "registry.cli", "analyse", str(plan), str(rows)]
    result = json.loads(subprocess.run(call, capture_output=True, check=True).stdout)
    main = [one for one in result["estimates"] if one["kind"] == "estimate" and one["analysis"] == "primary"]
    return Material(
        plan=plan.read_text("utf-8"),
        rows=rows.read_bytes(),
        filename=rows.name,
        expected={one["outcome"]: one for one in main if one["aggregation"] == "overall"},
    )
