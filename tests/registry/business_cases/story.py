"""Business cases for the tests of this slice and all later ones."""

from typing import Any

from effects.economics.facts import Effect, Place
from registry.business_cases.actions import state, store
from registry.business_cases.queries import business_case, current, places
from registry.business_cases.schemas import BusinessCaseView, Stating
from registry.business_cases.valuing import valuation_of
from registry.kit.database import transaction
from registry.pilots.queries import visible_pilot
from registry.pilots.schemas import TechnologyView
from tests.registry.plans.story import Cast, a_cast

HEAD = """
schema = "virkning-business-case/1"

[business_case]
technology = "{name}"
major_version = "{version}"
title = "Digital case investigation"
currency = "DKK"
perspective = "The municipalities"
price_year = 2026
start_year = 2027
horizon_years = 5
stated_on = 2026-11-22
payers = ["municipality"]
"""

LINES = """
[optimism]
working_time = 0.8

[[volume]]
name = "cases"
title = "Cases a year"
low = 4
likely = 5
high = 6
status = "measured"
source = "The case system, 2025"

[[line]]
title = "Licences"
kind = "cost"
payer = "municipality"
timing = "yearly"
scope = "per_municipality"
amount = 100000
status = "agreed"
source = "The contract"

[[line]]
title = "Hours saved"
kind = "benefit"
payer = "municipality"
timing = "yearly"
scope = "per_unit"
volume = "cases"
low = 300
likely = 600
high = 900
status = "guessed"
benefit_kind = "working_time"

[[unquantified]]
title = "Citizens feel informed"
unit = "points"
"""

BY_EFFECT = """
[[line]]
title = "Fewer calls"
kind = "benefit"
payer = "municipality"
timing = "yearly"
scope = "per_unit"
volume = "cases"
amount = 250
status = "measured"
indicator = "language"
better = "higher"
"""

UNSTATED = """
[[volume]]
name = "homes"
title = "Homes with a sensor"

[[volume]]
name = "beds"
title = "Beds"
status = "agreed"
by_place = { "2345" = 12.0 }

[[line]]
title = "Sensors"
kind = "cost"
payer = "state"
timing = "once"
scope = "per_unit"
volume = "homes"

[[line]]
title = "Training"
kind = "cost"
payer = "municipality"
timing = "once"
scope = "per_unit"
volume = "beds"
amount = 40
status = "measured"
"""
"""Figures that nobody has stated, and a volume that is counted by municipality."""

SMALL = Place("2001", "Lilleby", "Region Test", "small", 20_000)
LARGE = Place("2002", "Storby", "Region Test", "large", 200_000)
LANGUAGE = Effect(0.2, 0.02, 0.05)
TECHNOLOGY = TechnologyView(4, "Case tool", "2")


def a_case(technology: TechnologyView = TECHNOLOGY, more: str = "") -> str:
    """The text of a business case that can be valued whole, unless `more` says otherwise."""
    return HEAD.format(name=technology.name, version=technology.major_version) + LINES + more


def a_form(**changes: Any) -> dict[str, Any]:
    """What a browser sends for about the same case; the last row of every table was left empty."""
    filled: dict[str, Any] = {
        "after": "0",
        "form.title": "Digital case investigation",
        "form.currency": "DKK",
        "form.perspective": "The municipalities",
        "form.price_year": "2026",
        "form.start_year": "2027",
        "form.horizon_years": "5",
        "form.stated_on": "22-11-2026",
        "form.payers": "municipality",
        "form.phase_in": "50; 100",
        "form.discount_rate": "",
        "form.optimism.working_time": "0.8",
        "form.optimism.economy": "",
        "form.volumes.name": ["cases", ""],
        "form.volumes.title": ["Cases a year", ""],
        "form.volumes.low": ["4", ""],
        "form.volumes.likely": ["5", ""],
        "form.volumes.high": ["6", ""],
        "form.volumes.status": ["measured", ""],
        "form.volumes.source": ["The case system", ""],
        **_rows("lines", title=["Licences", "Hours saved", ""], kind=["cost", "benefit", ""]),
        **_rows("lines", payer=["municipality", "municipality", ""], timing=["yearly", "yearly", ""]),
        **_rows("lines", scope=["per_municipality", "per_unit", ""], volume=["", "cases", ""]),
        **_rows("lines", low=["", "300", ""], likely=["100000", "600", ""], high=["", "900", ""]),
        **_rows("lines", status=["agreed", "guessed", ""], source=["The contract", "", ""]),
        **_rows("lines", benefit_kind=["", "working_time", ""], indicator=["", "", ""], better=["", "", ""]),
        **_rows("lines", multiplier=["", "", ""]),
        **_rows("unquantified", title=["Citizens feel informed", ""], indicator=["", ""]),
        **_rows("unquantified", unit=["points", ""], note=["", ""]),
    }
    return {**filled, **changes}


def _rows(table: str, **columns: list[str]) -> dict[str, list[str]]:
    return {f"form.{table}.{name}": cells for name, cells in columns.items()}


async def technology_of(cast: Cast) -> int:
    """The technology that the cast's pilot tries."""
    return (await visible_pilot(cast.lead, cast.pilot)).technology


async def a_stated_case(cast: Cast | None = None, more: str = "", reason: str = "") -> tuple[Cast, int]:
    """A version that a pilot's lead stated after whatever there was; the worker has not valued it."""
    known = cast or await a_cast()
    pilot = await visible_pilot(known.lead, known.pilot)
    technology = TechnologyView(pilot.technology, pilot.technology_name, pilot.major_version)
    before = await current(pilot.technology)
    after = 0 if before is None else before.number
    stating = Stating(toml=a_case(technology, more), reason=reason, after=after)
    return known, await state(pilot.technology, stating, by=known.lead)


async def a_valued_case(cast: Cast | None = None, more: str = "", reason: str = "") -> tuple[Cast, BusinessCaseView]:
    """The same, valued here without a worker."""
    known, made = await a_stated_case(cast, more, reason)
    async with transaction():
        await store(made, valuation_of((await business_case(made)).stated, {}, await places()))
    return known, await business_case(made)
