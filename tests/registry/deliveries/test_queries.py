"""Who is expected, what counts, and who may see it."""

from pathlib import Path

import pytest

from registry.deliveries import queries
from registry.deliveries.tables import Delivery, Sending
from registry.kit.errors import Forbidden, NotFound
from registry.kit.jobs import cancel
from tests.registry.deliveries.story import (
    a_file,
    a_sending,
    a_shared_cast,
    a_written_delivery,
    codes_of,
    delivered,
    work_off,
)
from tests.registry.people.story import an_organisation
from tests.registry.pilots.story import a_lead, code_of
from tests.registry.plans.story import Cast, a_cast, a_voice

pytestmark = pytest.mark.usefixtures("database")


@pytest.fixture
async def cast() -> Cast:
    return await a_shared_cast()


async def plan_of(cast: Cast) -> int:
    found = await queries.deliveries(cast.lead, cast.pilot)
    assert found.plan is not None
    return found.plan.id


async def test_everybody_who_takes_part_is_expected_the_comparison_too() -> None:
    other = await code_of(await an_organisation())
    cast = await a_shared_cast(comparison_sites=(other,))
    found = await queries.deliveries(cast.evaluator, cast.pilot)
    assert [one.code for one in found.expected] == [*(await codes_of(cast))[:3], other]
    assert [one.part for one in found.expected] == ["intervention"] * 3 + ["comparison"]
    assert (found.delivered, len(found.missing), found.replaced) == ((), 4, ())


async def test_without_a_locked_plan_nothing_is_delivered() -> None:
    cast = await a_cast()
    found = await queries.deliveries(cast.lead, cast.pilot)
    assert (found.plan, found.delivered, found.sendings) == (None, (), ())


async def test_only_those_who_inspect_rows_see_deliveries(cast: Cast, tmp_path: Path) -> None:
    sending_id = await a_sending(cast, tmp_path, {"a.moments": b"{}"})
    ids = await a_written_delivery(cast, await plan_of(cast))
    for person, error in ((await a_voice(cast), Forbidden), (await a_lead(), NotFound)):
        for asking in (
            queries.deliveries(person, cast.pilot),
            queries.sending(person, sending_id),
            queries.delivery(person, ids["delivery_id"]),
        ):
            with pytest.raises(error):
                await asking


async def test_what_does_not_exist_is_not_found(cast: Cast) -> None:
    for asking in (queries.sending(cast.lead, 999), queries.delivery(cast.lead, 999)):
        with pytest.raises(NotFound):
            await asking


async def test_a_delivery_tells_its_statement_and_its_cover_sheet(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0,))
    (summary,) = await queries.counting(await plan_of(cast))
    found = await queries.delivery(cast.evaluator, summary.id)
    assert (found.purpose, found.sent_by) == ("Evaluation of the digital service", cast.lead.name)
    assert len(found.sheet) > 3 and any(found.code in str(line) for line in found.sheet)
    assert await queries.contents([found.id]) == {found.id: a_file(0, found.code).decode()}
    assert await queries.contents([]) == {}


async def test_of_three_files_of_an_authority_the_newest_counts_and_each_names_the_next(cast: Cast) -> None:
    plan = await plan_of(cast)
    first, second, third = [(await a_written_delivery(cast, plan))["delivery_id"] for _ in range(3)]
    every = {one.id: one for one in await queries.of_plan(plan)}
    assert [every[one].replaced_by for one in (first, second, third)] == [second, third, None]
    assert [one.id for one in await queries.counting(plan)] == [third]


async def test_a_deleted_file_counts_no_more_and_brings_no_older_one_back(cast: Cast, tmp_path: Path) -> None:
    await delivered(cast, tmp_path, (0,))
    codes = await codes_of(cast)
    await a_sending(cast, tmp_path, {"newer.moments": a_file(0, codes[0], pupils=10)})
    await work_off(tmp_path)
    (newest,) = await queries.counting(await plan_of(cast))
    await Delivery.update({Delivery.deleted_at: newest.stored_at}).where(Delivery.id == newest.id)
    found = await queries.deliveries(cast.lead, cast.pilot)
    assert (found.delivered, len(found.replaced)) == ((), 2)


async def test_files_wait_until_their_check_is_over_or_broke_off(cast: Cast, tmp_path: Path) -> None:
    sending_id = await a_sending(cast, tmp_path, {"a.moments": b"{}"})
    assert await queries.being_checked() == {sending_id}
    row = await Sending.select(Sending.job).where(Sending.id == sending_id).first()
    assert row is not None and await cancel(row["job"])
    assert await queries.being_checked() == set()


async def test_files_that_were_sent_come_newest_first(cast: Cast, tmp_path: Path) -> None:
    ids = [await a_sending(cast, tmp_path, {f"{number}.moments": b"{}"}) for number in range(12)]
    shown = (await queries.deliveries(cast.lead, cast.pilot)).sendings
    assert [one.id for one in shown] == ids[:1:-1]
