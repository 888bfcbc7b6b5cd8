"""Rows of three authorities and the moments that each makes of its own, for the tests of this slice and later ones."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import msgspec

from effects.compression.files import to_bytes
from effects.federation.making import make
from effects.moments import Moments
from effects.plan import AnalysisPlan
from registry.datasets import files, retention
from registry.datasets.facts import OutcomeFacts, Shared
from registry.datasets.rules import UploadState
from registry.deliveries import actions, jobs
from registry.deliveries.rules import CHECK, POOL
from registry.deliveries.schemas import SentFile, Stated
from registry.deliveries.tables import Delivery, Sending
from registry.kit.clock import now, today
from registry.kit.leasing import claim
from registry.kit.pool import Pool
from registry.kit.work import Work
from registry.people.rules import Person
from registry.pilots.queries import sites_of
from tests.registry.datasets.story import InThisProcess, whole
from tests.registry.pilots.story import municipalities
from tests.registry.plans.story import PLAN, Cast, a_cast, a_locked_plan, agree

TOWNS = 3
LIMIT = 10_000_000

SHARED_PLAN = (
    PLAN.replace('weight = "n"\n', 'cluster = "school"\n')
    .replace('covariates = ["age", "factor(season)"]\n', "")
    .replace('unit = "area"', 'unit = "pupil"')
    .replace('period = "week"', 'period = "term"')
    .replace("cr2", "cr1")
)
"""A plan that is answered from moments."""

HEADER = "school,pupil,term,digital,language,strain"


def rows_of(town: int, schools: int = 4, pupils: int = 9, terms: int = 4) -> str:
    """The rows of one authority: pupils of its schools, some terms of some of them not observed."""
    random = Random(town)
    lines = [HEADER]
    for school in range(schools):
        name = f"T{town}S{school}"
        for pupil in range(pupils):
            level = random.gauss(0, 1)
            for term in range(terms):
                treated = int(term > (school + town) % terms)
                value = level + 0.1 * term + 0.3 * treated + random.gauss(0, 0.5)
                strain = "" if random.random() < 0.05 else f"{random.gauss(3, 1):.4f}"
                lines.append(f"{name},{name}P{pupil},{term},{treated},{value:.4f},{strain}")
    return "\n".join(lines) + "\n"


def all_rows() -> str:
    """The rows of all authorities, as they would be if they could be sent."""
    return HEADER + "\n" + "".join(rows_of(town).split("\n", 1)[1] for town in range(TOWNS))


@cache
def moments_of(town: int, pupils: int = 9, plan: str = SHARED_PLAN) -> Moments:
    """What an authority makes of its rows."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rows.csv"
        path.write_text(rows_of(town, pupils=pupils))
        return make(AnalysisPlan.from_text(plan), [path])


def a_file(town: int, authority: str, **changes: Any) -> bytes:
    """The moments file of an authority, by its code."""
    return to_bytes(replace(moments_of(town, **changes), authority=authority))


def few_people(town: int, authority: str) -> bytes:
    """A file that says of itself that three people stand behind a cluster."""
    made = moments_of(town)
    outcomes = tuple(replace(one, people_by_cluster=(3.0,) * len(one.grams.clusters)) for one in made.outcomes)
    return to_bytes(replace(made, authority=authority, outcomes=outcomes))


async def a_shared_cast(plan: str = SHARED_PLAN, **about: Any) -> Cast:
    """A private pilot in three municipalities whose locked plan is answered from moments."""
    cast = await a_cast(sites=await municipalities(TOWNS), **about)
    await agree(cast.pilot)
    await a_locked_plan(cast, plan)
    return cast


async def codes_of(cast: Cast) -> list[str]:
    """The codes of the authorities that take part, in their order."""
    return [site.code for site in await sites_of(cast.pilot)]


async def files_of(cast: Cast, towns: Sequence[int] = range(TOWNS)) -> dict[str, bytes]:
    """A moments file of each authority, by the name that it would give it."""
    codes = await codes_of(cast)
    return {f"{codes[town]}.moments": a_file(town, codes[town]) for town in towns}


def a_statement() -> Stated:
    """A complete statement on moments."""
    return Stated(
        purpose="Evaluation of the digital service",
        legal_basis="Databeskyttelsesloven § 10",
        retain_until=today() + timedelta(days=365),
    )


async def a_sending(cast: Cast, state: Path, sent: dict[str, bytes], by: Person | None = None, **stated: Any) -> int:
    """Files sent by the cast's lead, not yet looked at; the answer is the sending's id."""
    received = [(name, await files.receive(whole(content), state, LIMIT)) for name, content in sent.items()]
    statement = replace_fields(a_statement(), stated)
    return await actions.send(cast.pilot, statement, received, state=state, minimum=5, by=by or cast.lead)


def replace_fields(statement: Stated, stated: dict[str, Any]) -> Stated:
    """The statement with some of it said in another way."""
    return Stated(**{**{name: getattr(statement, name) for name in Stated.__struct_fields__}, **stated})


async def work_off(state: Path, kind: type[Work] = InThisProcess) -> None:
    """Do the oldest waiting job of this slice as the worker would, here and now."""
    lease = await claim("worker of a test")
    assert lease is not None, "no job waits"
    work = kind(lease, Pool(1), state)
    await {CHECK: jobs.look, POOL: jobs.gather, retention.FORSAKE: jobs.forsake}[lease.kind](work)
    await work.end()


async def delivered(cast: Cast, state: Path, towns: Sequence[int] = range(TOWNS)) -> int:
    """Deliveries of some authorities, looked at and stored; the answer is the sending's id."""
    sending_id = await a_sending(cast, state, await files_of(cast, towns))
    await work_off(state)
    return sending_id


async def gathered(cast: Cast, state: Path, towns: Sequence[int] = range(TOWNS)) -> int:
    """A version of what some authorities delivered, not yet approved; the answer is the upload's id."""
    await delivered(cast, state, towns)
    upload_id = await actions.gather(cast.pilot, state=state, by=cast.lead)
    await work_off(state)
    return upload_id


async def a_written_delivery(cast: Cast, plan_id: int) -> dict[str, int]:
    """A delivery as rows of the database alone, made of nothing; the answer is its id and that of its sending."""
    sending = Sending(
        pilot=cast.pilot,
        plan=plan_id,
        files=msgspec.json.encode([SentFile("0101.moments", 2, "0" * 64)]).decode(),
        state=UploadState.STORED,
        retain_until=today() + timedelta(days=365),
        sent_by=cast.lead.id,
        sent_at=now(),
    )
    await sending.save()
    shared = Shared(rows=40, used=40, clusters=4, people=20, dropped={}, outcomes=(OutcomeFacts("language", 40, 0),))
    delivery = Delivery(
        sending=sending.id,
        plan=plan_id,
        authority=cast.lead.organisation,
        filename="0101.moments",
        sha256="0" * 64,
        content="{}",
        shared=msgspec.json.encode(shared).decode(),
        sheet="[]",
        stored_at=now(),
    )
    await delivery.save()
    return {"sending_id": int(sending.id), "delivery_id": int(delivery.id)}


async def gather_by(cast: Cast, state: Path) -> int:
    """What the cast's lead asks for with the button; the answer is the upload's id."""
    return await actions.gather(cast.pilot, state=state, by=cast.lead)
