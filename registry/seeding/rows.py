"""The simulated rows of the demo's carried-through pilot, as the CSV file its lead would upload. Worker only."""

from collections.abc import Sequence
from typing import Final

from effects.simulate import PanelVariation, municipal_panel
from registry.seeding.files import SimulationSeed

VARIATION: Final = PanelVariation(level=0.0, municipality=1.5, month=0.4, cell=1.0, trend=0.0)
"""In units of an indicator's `scale`."""


def simulated_csv(seed: SimulationSeed, municipalities: Sequence[str]) -> bytes:
    """One row for each municipality and month, numbers with two decimals; the same seed gives the same bytes."""
    effects = {outcome.column: outcome.effect / outcome.scale for outcome in seed.outcomes}
    panel = municipal_panel(seed.seed, municipalities, seed.months, effects, sequences=seed.waves, variation=VARIATION)
    for outcome in seed.outcomes:
        panel[outcome.column] = (outcome.mean + outcome.scale * panel[outcome.column]).round(2)
    return panel.to_csv(index=False, lineterminator="\n").encode()
