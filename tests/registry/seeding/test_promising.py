from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from registry.benefits.queries import ledger
from registry.benefits.schemas import BenefitView
from registry.business_cases.queries import current
from registry.business_cases.rules import BenefitKind
from registry.business_cases.tables import BusinessCase
from registry.kit.clock import today
from registry.kit.tables import Job
from registry.pilots.tables import Technology
from registry.seeding import agreeing, files, promising
from registry.seeding.carriage import Carriage
from registry.seeding.cast import Cast
from registry.seeding.files import BenefitSeed, RealisedSeed
from tests.registry.analyses.story import a_written_analysis
from tests.registry.plans.story import a_cast as a_pilot
from tests.registry.seeding.story import a_carriage, a_small_file

pytestmark = pytest.mark.usefixtures("database")

SEED = BenefitSeed(
    title="Fewer hours of interpreting",
    kind=BenefitKind.WORKING_TIME,
    unit="hours a week",
    promised=-400.0,
    assumptions="Every third talk is held in Danish.",
    owner="The department of care",
    due_in=200,
    indicator="language",
    revised=-300.0,
    revised_reason="Two teams have left.",
    effect="language",
    times=-1000.0,
    realised=[RealisedSeed(-100.0, 30, "Budget 2026"), RealisedSeed(-150.0, 3, "Budget 2027")],
)


async def measured(*benefits: BenefitSeed) -> Carriage:
    """A pilot with a finished analysis that found 0.2 (0.15 to 0.25) for `language`, and these promises to make."""
    cast, _ = await a_written_analysis()
    seed = replace(files.programme().pilot[0], benefits=list(benefits))
    return Carriage(seed, Cast((cast.lead, cast.evaluator)), cast.pilot, Path(), a_small_file)


async def promises(carriage: Carriage) -> tuple[BenefitView, ...]:
    return (await ledger(carriage.cast.people[0], carriage.pilot)).benefits


async def test_a_promise_stands_as_the_seed_states_it_and_is_made_once() -> None:
    carriage = await measured(SEED, replace(SEED, title="Another", indicator="", promised=5.0))
    assert await promising.promise(carriage)
    assert await promising.promise(carriage)
    first, second = await promises(carriage)
    told = first.promise
    assert (told.title, told.kind, told.unit, told.promised) == (SEED.title, SEED.kind, SEED.unit, -400.0)
    assert (told.indicator, told.owner, told.due) == ("language", SEED.owner, today() + timedelta(days=200))
    assert (second.promise.title, second.promise.promised, second.promise.indicator) == ("Another", 5.0, "")


async def test_what_the_analysis_found_is_taken_over_times_its_factor() -> None:
    """0.2 (0.15 to 0.25) times -1000: the interval is turned round with its sign."""
    carriage = await measured(SEED)
    assert await promising.promise(carriage)
    assert await promising.follow(carriage)
    (only,) = await promises(carriage)
    (taken,) = only.promise.measurements
    assert (taken.measured, taken.low, taken.high) == pytest.approx((-200.0, -250.0, -150.0))
    assert taken.analysis is not None and taken.outcome == "language"
    assert (only.expected, [one.reason for one in only.promise.revisions]) == (-300.0, ["Two teams have left."])


async def test_what_was_realised_is_entered_with_its_day_and_source() -> None:
    carriage = await measured(SEED)
    await promising.promise(carriage)
    await promising.follow(carriage)
    (only,) = await promises(carriage)
    assert [(one.realised, one.realised_on, one.source) for one in only.promise.realisations] == [
        (-150.0, today() - timedelta(days=3), "Budget 2027"),
        (-100.0, today() - timedelta(days=30), "Budget 2026"),
    ]


async def test_promises_are_followed_once() -> None:
    carriage = await measured(SEED)
    await promising.promise(carriage)
    for _ in range(2):
        assert await promising.follow(carriage)
    (only,) = await promises(carriage)
    told = only.promise
    assert (len(told.revisions), len(told.measurements), len(told.realisations)) == (1, 1, 2)


async def test_a_promise_that_nothing_measures_is_left_as_it_was_made() -> None:
    carriage = await measured(replace(SEED, effect=""))
    await promising.promise(carriage)
    await promising.follow(carriage)
    (only,) = await promises(carriage)
    assert (only.promise.revisions, only.promise.measurements, only.promise.realisations) == ((), (), ())


async def test_a_promise_that_can_be_kept_is_not_revised() -> None:
    carriage = await measured(replace(SEED, revised=None, revised_reason=""))
    await promising.promise(carriage)
    await promising.follow(carriage)
    (only,) = await promises(carriage)
    assert (only.promise.revisions, only.expected) == ((), -400.0)


async def test_before_there_is_a_result_an_effect_cannot_be_taken_over() -> None:
    cast = await a_pilot()
    seed = replace(files.programme().pilot[0], benefits=[replace(SEED, indicator="")])
    carriage = Carriage(seed, Cast((cast.lead,)), cast.pilot, Path(), a_small_file)
    await promising.promise(carriage)
    with pytest.raises(RuntimeError, match="StopIteration"):
        await promising.follow(carriage)


async def test_the_business_case_of_a_technology_is_stated_once_and_valued_in_the_background(tmp_path: Path) -> None:
    carriage = await a_carriage("virtual_visits", tmp_path)
    (seed,) = (one for one in files.programme().business_case if one.technology == carriage.seed.technology)
    for _ in range(2):
        await promising.state(seed, carriage.cast)
    assert await BusinessCase.count() == 1
    row = await Technology.select(Technology.id).where(Technology.name == seed.technology).first()
    assert row is not None
    held = await current(row["id"])
    assert held is not None and held.number == 1
    assert held.stated == files.text(seed.case)
    assert await Job.count() == 1, "only the first statement is valued"


async def test_the_business_case_of_another_major_version_waits_for_its_pilots(tmp_path: Path) -> None:
    carriage = await a_carriage("virtual_visits", tmp_path)
    (seed,) = (one for one in files.programme().business_case if one.technology == carriage.seed.technology)
    with pytest.raises(AssertionError, match="registered first"):
        await promising.state(replace(seed, major_version="99"), carriage.cast)


async def test_the_promises_of_the_demo_are_about_indicators_of_their_pilot(tmp_path: Path) -> None:
    """The first promises of the seed file, made for real: none is refused."""
    carriage = await a_carriage("virtual_visits", tmp_path)
    await agreeing.propose(carriage)
    assert await promising.promise(carriage)
    made = [one.promise for one in await promises(carriage)]
    assert [one.title for one in made] == [one.title for one in carriage.seed.benefits]
    assert {one.indicator for one in made} <= {one.code for one in carriage.seed.indicators}
