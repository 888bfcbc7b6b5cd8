from pathlib import Path

import pytest

from effects.codes import Kind
from registry.audit.tables import AuditEntry
from registry.decisions.queries import decided
from registry.decisions.rollouts import candidates, rollout
from registry.decisions.rules import Choice
from registry.evidence.queries import assessments_of
from registry.people.rules import Role
from registry.pilots.tables import Pilot
from registry.recommendations.queries import recommendations
from registry.seeding import advising, agreeing, catalogue, files, promising
from registry.seeding.cast import Cast
from tests.registry.analyses.story import work_off
from tests.registry.seeding.story import a_cast

pytestmark = pytest.mark.usefixtures("database")

PUBLISHED = files.programme().published
TRIAL = next(seed for seed in PUBLISHED if seed.until == "recommended")
SATISFACTION = next(seed for seed in PUBLISHED if seed.until == "assessed")
DISPENSER = "Medicindispenser"
POOLED = [seed for seed in PUBLISHED if seed.until in ("approved", "decided")]


async def entry_of(seed: files.PublishedSeed) -> int:
    await catalogue.load()
    found = await catalogue.pilot_id(seed.entry)
    assert found is not None
    return found


async def test_a_trial_is_advised_on_and_satisfaction_alone_waits_for_the_second_evaluator(tmp_path: Path) -> None:
    cast = await a_cast(tmp_path)
    pilot = await entry_of(TRIAL)
    assert not await advising.carry_published(TRIAL, cast, pilot), "it is being graded"
    assert await advising.carry_published(SATISFACTION, cast, pilot), "it goes no further"
    await work_off(tmp_path)
    assert not await advising.carry_published(TRIAL, cast, pilot), "the advice is being drawn up"
    await work_off(tmp_path)
    before = await AuditEntry.count()
    for seed in (TRIAL, SATISFACTION):
        assert await advising.carry_published(seed, cast, pilot)
    assert await AuditEntry.count() == before
    (advice,) = (await recommendations(cast.first(Role.DECISION_MAKER))).recommendations
    assert (advice.kind, advice.rule, advice.issued_by) == ("STOP", "R6", cast.first(Role.EVALUATOR).id)
    found = (await assessments_of(cast.second(Role.EVALUATOR), pilot)).assessments
    assert {one.source: (one.graded, one.approved_at is not None) for one in found} == {
        TRIAL.source: (True, True),
        SATISFACTION.source: (True, False),
    }


async def dispensers(cast: Cast) -> list[tuple[files.PublishedSeed, int]]:
    """The three simulated trials of one technology, registered."""
    by_title = {pilot.title: pilot for pilot in files.programme().pilot}
    for seed in POOLED:
        await agreeing.register(by_title[seed.entry], cast)
    found = [await catalogue.pilot_id(seed.entry) for seed in POOLED]
    return [(seed, pilot) for seed, pilot in zip(POOLED, found, strict=True) if pilot is not None]


async def test_three_trials_are_approved_and_the_last_is_advised_on_decided_and_drawn(tmp_path: Path) -> None:
    cast = await a_cast(tmp_path)
    trials = await dispensers(cast)
    await promising.state(next(one for one in files.programme().business_case if one.technology == DISPENSER), cast)
    assert [seed.until for seed, _ in trials] == ["approved", "approved", "decided"]
    for _ in range(2):
        assert not all([await advising.carry_published(seed, cast, pilot) for seed, pilot in trials])
        await work_off(tmp_path)
    assert all([await advising.carry_published(seed, cast, pilot) for seed, pilot in trials])
    before = await AuditEntry.count()
    assert all([await advising.carry_published(seed, cast, pilot) for seed, pilot in trials]), "once is enough"
    assert await AuditEntry.count() == before
    decider = cast.first(Role.DECISION_MAKER)
    (advice,) = (await recommendations(decider)).recommendations
    last, _ = trials[-1]
    assert advice.kind == Kind.ROLL_OUT_IN_STAGES
    made = await decided(advice.id)
    assert made is not None and made.choice is Choice.ROLL_OUT_IN_STAGES
    assert last.stages is not None
    order = await rollout(decider, made.id)
    assert order.drawn is not None
    assert len(order.drawn.stages) == last.stages.stages
    assert order.summary is not None and order.summary.drawn_by == decider.name


async def test_whoever_runs_a_pilot_of_the_technology_is_not_drawn_again(tmp_path: Path) -> None:
    cast = await a_cast(tmp_path)
    _, pilot = (await dispensers(cast))[0]
    row = await Pilot.select(Pilot.technology).where(Pilot.id == pilot).first()
    assert row is not None
    seen = await candidates(cast.first(Role.DECISION_MAKER), row["technology"])
    sites = {code for one in files.programme().pilot if one.technology == DISPENSER for code in one.sites}
    assert {one.code for one in seen if one.has_it} == sites
    assert len(seen) == 98
