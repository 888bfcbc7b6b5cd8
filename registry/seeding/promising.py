"""What technologies of the demo cost and gain, and what its pilots promised: the project lead's part."""

from datetime import timedelta

from registry.benefits import actions as benefits
from registry.benefits.measuring import effects_of
from registry.benefits.queries import ledger
from registry.benefits.schemas import Measuring, Promising, Realising, Revising
from registry.business_cases import actions as business_cases
from registry.business_cases.queries import current
from registry.business_cases.schemas import Stating
from registry.kit.clock import today
from registry.people.rules import Person, Role
from registry.pilots.tables import Technology
from registry.seeding import files
from registry.seeding.carriage import Carriage
from registry.seeding.cast import Cast
from registry.seeding.files import BenefitSeed, BusinessCaseSeed


async def state(seed: BusinessCaseSeed, cast: Cast) -> None:
    """The lead states the business case of a technology."""
    named = (Technology.name == seed.technology) & (Technology.major_version == seed.major_version)
    row = await Technology.select(Technology.id).where(named).first()
    assert row is not None, "its pilots are registered first"
    if await current(row["id"]) is None:
        await business_cases.state(row["id"], Stating(toml=files.text(seed.case)), by=cast.first(Role.PROJECT_LEAD))


async def promise(carriage: Carriage) -> bool:
    """The lead makes the promises of the pilot, before anything is measured."""
    lead = carriage.cast.first(Role.PROJECT_LEAD)
    if not (await ledger(lead, carriage.pilot)).benefits:
        for seed in carriage.seed.benefits:
            await benefits.promise(carriage.pilot, _promising(seed), by=lead)
    return True


async def follow(carriage: Carriage) -> bool:
    """The lead revises what cannot be kept, takes measurements over from the analysis and enters what is realised."""
    lead = carriage.cast.first(Role.PROJECT_LEAD)
    for promised in (await ledger(lead, carriage.pilot)).benefits:
        seed = next(one for one in carriage.seed.benefits if one.title == promised.promise.title)
        if not promised.promise.measurements and seed.effect:
            await _follow(promised.promise.id, seed, carriage.pilot, lead)
    return True


async def _follow(benefit: int, seed: BenefitSeed, pilot: int, lead: Person) -> None:
    if seed.revised is not None:
        await benefits.revise(benefit, Revising(expected=seed.revised, reason=seed.revised_reason), by=lead)
    effect = next(one for one in await effects_of(lead, pilot) if one.outcome == seed.effect)
    await benefits.measure(benefit, Measuring(effect=effect.key, times=seed.times), by=lead)
    for one in seed.realised:
        day = today() - timedelta(days=one.days_ago)
        await benefits.realise(benefit, Realising(realised=one.realised, realised_on=day, source=one.source), by=lead)


def _promising(seed: BenefitSeed) -> Promising:
    return Promising(
        title=seed.title,
        kind=seed.kind,
        unit=seed.unit,
        promised=seed.promised,
        indicator=seed.indicator,
        assumptions=seed.assumptions,
        owner=seed.owner,
        due=today() + timedelta(days=seed.due_in),
    )
