"""The places that a technology is rolled out to."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from effects.errors import EffectsError, Finding


class RolloutError(EffectsError):
    """No order can be drawn for these places."""


@dataclass(frozen=True, slots=True)
class Place:
    """A municipality, or another place that starts as a whole; `code` is its own, `population` its inhabitants."""

    code: str
    region: str
    size_class: str
    population: int


def problems(places: Sequence[Place], stages: int) -> Iterator[Finding]:
    """Everything that keeps an order from being drawn."""
    if stages < 2:
        yield Finding("stages", "too_few_stages", "One stage leaves nobody to compare with.", "State 2 stages or more.")
    if len(places) < stages:
        yield Finding(
            "places",
            "too_few_places",
            "{places} places cannot start in {stages} stages.",
            "State fewer stages, or more places.",
            {"places": len(places), "stages": stages},
        )
    for code, times in Counter(place.code for place in places).items():
        if times > 1:
            yield Finding(
                "places", "repeated_place", "{code} is stated twice.", "Leave one of them out.", {"code": code}
            )
    for place in places:
        lacking = not (place.code.strip() and place.region.strip() and place.size_class.strip())
        if lacking or place.population < 0:
            yield Finding(
                "places",
                "incomplete_place",
                "The place “{code}” lacks its code, region, size class or population.",
                "State all four.",
                {"code": place.code},
            )
