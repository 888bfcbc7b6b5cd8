"""Places in regions and size classes, in any number."""

from collections.abc import Mapping

from effects.rollout.places import Place

POPULATION = {"small": 10_000, "medium": 50_000, "large": 200_000}
EVEN = {(region, size): 4 for region in ("1081", "1082", "1083") for size in ("small", "medium")}


def places(cells: Mapping[tuple[str, str], int]) -> list[Place]:
    """So many places in each region and size class."""
    return [
        Place(f"{region} {size} {number}", region, size, POPULATION[size] + number)
        for (region, size), count in cells.items()
        for number in range(count)
    ]
