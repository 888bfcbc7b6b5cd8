"""From registration to the agreed indicators: the lead's and the stakeholders' part of the demo."""

from registry.indicators import actions as rounds
from registry.indicators.proposing import propose_from_library
from registry.indicators.queries import indicators_of, own_scores, round_of, state_of
from registry.indicators.rules import RoundState
from registry.indicators.schemas import FromLibrary, LibraryChoice, Rating
from registry.people.rules import Role, StakeholderGroup
from registry.seeding import files
from registry.seeding.carriage import Carriage
from registry.seeding.cast import Cast
from registry.seeding.catalogue import register_demo
from registry.seeding.files import DemoPilotSeed, IndicatorSeed


async def register(seed: DemoPilotSeed, cast: Cast) -> None:
    """The lead registers the pilot."""
    await register_demo(seed, by=cast.first(Role.PROJECT_LEAD))


async def propose(carriage: Carriage) -> bool:
    """The lead proposes indicators from the library."""
    if not await indicators_of(carriage.pilot):
        choices = tuple(
            LibraryChoice(library=one.code, role=one.role, minimal_important=one.minimal_important)
            for one in carriage.seed.indicators
        )
        await propose_from_library(carriage.pilot, FromLibrary(choices), by=carriage.cast.first(Role.PROJECT_LEAD))
    return True


async def rate(carriage: Carriage) -> bool:
    """The lead opens the round; each group that has an opinion rates."""
    if await state_of(carriage.pilot) is RoundState.NOT_OPENED:
        await rounds.open_round(carriage.pilot, by=carriage.cast.first(Role.PROJECT_LEAD))
    latest = await round_of(carriage.pilot)
    if latest is None or latest.state is not RoundState.OPEN:
        return True
    ids = {one.code: str(one.id) for one in await indicators_of(carriage.pilot)}
    for group in files.programme().groups:
        speaker = carriage.cast.speaker(group)
        given = opinion(carriage.seed.indicators, group, ids)
        if given.scores and not await own_scores(speaker, latest.id):
            await rounds.rate(carriage.pilot, given, by=speaker)
    return True


async def close(carriage: Carriage) -> bool:
    """The lead closes the round."""
    if await state_of(carriage.pilot) is RoundState.OPEN:
        await rounds.close_round(carriage.pilot, by=carriage.cast.first(Role.PROJECT_LEAD))
    return True


def opinion(indicators: list[IndicatorSeed], group: StakeholderGroup, ids: dict[str, str]) -> Rating:
    """What a group's speaker gives each indicator, by its id."""
    place = files.programme().groups.index(group)
    stated = {ids[one.code]: one for one in indicators if one.code in ids and one.scores[place]}
    return Rating(
        scores={key: one.scores[place] for key, one in stated.items()},
        dissent={key: one.dissent[group] for key, one in stated.items() if group in one.dissent},
    )
