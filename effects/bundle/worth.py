"""What follows from the case beyond the advice: the pooled effects, and what a business case is worth with them."""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any, Final

from effects.bundle.checked import FROM_THE_CASE, Checked, compared, indicators_of
from effects.bundle.differences import ABSENT, Difference, same, shown, unusable
from effects.bundle.documents import Unreadable, read_json, read_table, record_of
from effects.bundle.parts import BUSINESS_CASE, CASE, FIGURES, PLACES, SYNTHESIS, SYNTHESIS_SCHEMA, VALUATION, Parts
from effects.bundle.recomputing import case_of, read_plan, reasons, worked_out
from effects.bundle.report import Verdict
from effects.economics.business_case import BusinessCase
from effects.economics.facts import Effect, Place
from effects.economics.valuing import value
from effects.errors import EffectsError, Finding
from effects.message import Message
from effects.rules.claims import standard_error
from effects.rules.indicator import Indicator, Study
from effects.rules.ruleset import Ruleset, load_ruleset
from effects.serialize import document
from effects.synthesis.pooling import pool

FROM_THE_BUSINESS_CASE: Final = Message("Worked out again from the business case and the pooled effects.")
STATED: Final = Message("Stated by people; the valuation was worked out again from it.")
REGISTERED: Final = Message("Public figures; the valuation was worked out again from them.")

Codes = tuple[tuple[str, str], ...]
"""Names of indicators with the columns that the plans give them."""


def checked_worth(parts: Parts, tolerance: float) -> Checked:
    """Everything about pooled effects and economy; nothing where the bundle holds neither."""
    checked = Checked()
    if parts.synthesis is not None:
        checked.told(SYNTHESIS, Verdict.RECOMPUTED, FROM_THE_CASE)
        try:
            pooled = worked_out(synthesised, parts.case)
        except EffectsError:
            return checked  # said where the advice is worked out
        checked.found(compared(SYNTHESIS, parts.synthesis, pooled, CASE, tolerance))
    if parts.valuation is not None:
        checked.told(VALUATION, Verdict.RECOMPUTED, FROM_THE_BUSINESS_CASE)
        checked.told(BUSINESS_CASE, Verdict.AGREES, STATED)
        checked.told(PLACES, Verdict.AGREES, REGISTERED)
        checked.found(_valuation(parts, tolerance))
        checked.found(_economy(parts))
    return checked


def _valuation(parts: Parts, tolerance: float) -> Iterator[Difference]:
    case, places, pooled = parts.business_case or b"", parts.places or b"", parts.synthesis or b""
    try:
        found = worked_out(valued, case, places, pooled, codes_of(parts))
    except EffectsError as error:
        yield unusable(BUSINESS_CASE, reasons(error), VALUATION)
        return
    sources = ", ".join((BUSINESS_CASE, PLACES, SYNTHESIS))
    yield from compared(VALUATION, parts.valuation or b"", found, sources, tolerance)


def _economy(parts: Parts) -> Iterator[Difference]:
    """Where the economy of the case is not that of the valuation, which takes its place once it is known."""
    valuation = record_of(parts.valuation)
    economy = valuation.get("economy")
    if valuation.get("expected_net_value") is None or not isinstance(economy, dict):
        return
    try:
        stated = read_table(parts.case).get("economy")
    except Unreadable:
        return
    held = stated if isinstance(stated, dict) else {}
    for name in dict.fromkeys((*held, *economy)):
        if not same(held.get(name), economy.get(name), 0.0):
            here, there = (shown(side[name]) if name in side else ABSENT for side in (held, economy))
            yield Difference(CASE, f"economy.{name}", here, there, VALUATION)


@lru_cache(maxsize=32)
def synthesised(case: bytes) -> bytes:
    """The pooled effects of a case as a file; raises Unreadable or CaseError."""
    stated = case_of(case)
    rules = load_ruleset(stated.ruleset) if stated.ruleset else load_ruleset()
    found = [(indicator.name, _figures(indicator, rules)) for indicator in stated.indicators]
    listed = [{"name": name, **figures} for name, figures in found if figures is not None]
    return document({"schema": SYNTHESIS_SCHEMA, "indicators": listed})


def _figures(indicator: Indicator, rules: Ruleset) -> dict[str, Any] | None:
    """What the pooling model says of an indicator with any study; a single one is pooled with itself."""
    level = rules.constant("level")
    studies = indicator.studies or _own(indicator, level)
    if not studies or indicator.minimal_important is None:
        return None
    scale = rules.constant("prior_scale") * indicator.minimal_important
    found = pool([one.estimate for one in studies], [one.standard_error for one in studies], scale, level=level)
    return {name: getattr(found, name) for name in FIGURES}


def _own(indicator: Indicator, level: float) -> Sequence[Study]:
    error = standard_error(indicator, level)
    return () if indicator.estimate is None or error is None else (Study("", indicator.estimate, error),)


def codes_of(parts: Parts) -> Codes:
    """The columns of every plan beside the names that its pilot's case gives them, in the same order."""
    found: list[tuple[str, str]] = []
    for pilot in parts.pilots:
        try:
            outcomes = read_plan(pilot.plan).analysed if pilot.plan is not None else ()
        except EffectsError:
            continue  # said where the plan is checked
        names = [str(indicator.get("name")) for indicator in indicators_of(pilot.case)]
        found += [(name, outcome.column) for name, outcome in zip(names, outcomes, strict=False)]
    return tuple(dict.fromkeys(found))


@lru_cache(maxsize=32)
def valued(business_case: bytes, places: bytes, synthesis: bytes, codes: Codes) -> bytes:
    """What a business case is worth, as a file; raises BusinessCaseError or Unreadable."""
    try:
        effects = {
            str(entry["name"]): Effect(entry["mean"], entry["standard_error"], entry["predictive_sd"])
            for entry in record_of(synthesis).get("indicators", [])
        }
        brought_to = [_place(place) for place in read_json(places)["places"]]
        text = business_case.decode()
    except (KeyError, TypeError, ValueError) as error:
        raise Unreadable([Finding("", "unreadable", "The effects or the places cannot be read.")]) from error
    effects |= {code: effects[name] for name, code in codes if name in effects}
    return document(value(BusinessCase.from_toml(text), effects, brought_to).to_mapping())


def _place(stated: Any) -> Place:
    """A municipality; TypeError or ValueError for what is none."""
    place = Place(**stated)
    texts = [place.code, place.name, *(text for text in (place.region, place.size_class) if text is not None)]
    population = 0 if place.population is None else place.population
    if not all(isinstance(text, str) for text in texts) or type(population) is not int or population < 0:
        raise ValueError("this is no place")
    return place
