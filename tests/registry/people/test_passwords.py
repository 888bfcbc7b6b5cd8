import asyncio
import subprocess
import sys
import time

import pytest

from registry.people.passwords import DECOY, HASHER, hashed, matches, weaknesses
from tests.registry.people.story import CHEAP_HASH, PASSWORD

CROWD = """
import asyncio, resource
from registry.people.passwords import DECOY, matches

QUICK = DECOY.replace("t=3", "t=1")  # as much memory, a third of the time

async def crowd() -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    answers = await asyncio.gather(*(matches(f"guess {number}", QUICK) for number in range(50)))
    print(any(answers), (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)

asyncio.run(crowd())
"""


async def test_a_hash_is_argon2id_with_64_megabytes_and_fits_its_password_only() -> None:
    stored = await hashed(PASSWORD)
    assert stored.startswith("$argon2id$v=19$m=65536,")
    assert await matches(PASSWORD, stored)
    assert not await matches(PASSWORD.upper(), stored)


async def test_two_hashes_of_a_password_differ() -> None:
    assert len({await hashed(PASSWORD), await hashed(PASSWORD)}) == 2


@pytest.mark.parametrize("stored", [None, "", "plain text", "$argon2id$broken"])
async def test_nothing_matches_where_there_is_no_proper_hash(stored: str | None) -> None:
    assert not await matches(PASSWORD, stored)


async def test_an_unknown_person_costs_the_work_of_a_known_one() -> None:
    assert not HASHER.check_needs_rehash(DECOY)
    unknown, known = await _seconds(None), await _seconds(await hashed(PASSWORD))
    assert 0.4 < unknown / known < 2.5


async def _seconds(stored: str | None) -> float:
    """Processor time, the least of five, because other programs share the machine."""
    taken = []
    for _ in range(5):
        started = time.process_time()
        await matches("wrong", stored)
        taken.append(time.process_time() - started)
    return min(taken)


async def test_the_event_loop_goes_on_while_a_password_is_checked() -> None:
    beats = 0
    check = asyncio.create_task(matches("wrong", None))
    while not check.done():
        await asyncio.sleep(0)
        beats += 1
    assert beats > 3


def test_fifty_checks_at_once_stay_in_bounded_memory() -> None:
    run = subprocess.run([sys.executable, "-c", CROWD], capture_output=True, text=True, check=True, timeout=120)
    answered, megabytes = run.stdout.split()
    assert answered == "False"
    assert int(megabytes) < 300  # one by one they need 64 each, all at once 3,200


@pytest.mark.parametrize(
    ("password", "codes"),
    [
        ("correct horse battery", []),
        ("short", ["password_length"]),
        ("abcd", ["password_length", "password_repeats"]),
        ("aaaaaaaaaaaaaaaa", ["password_repeats"]),
        ("I am anna.holm here", ["password_guessable"]),
        ("the HOLMgaard bottle", ["password_guessable"]),
        ("x1y2z3" * 22, ["password_length"]),
    ],
)
def test_every_weakness_of_a_password_is_found(password: str, codes: list[str]) -> None:
    found = [finding.code for finding in weaknesses(password, email="anna.holm@example.dk", name="Bo Holm")]
    assert found == codes


def test_a_weakness_says_how_to_do_better_and_never_repeats_the_password() -> None:
    found = list(weaknesses("anna", email="anna@example.dk", name="Anna", where="repeated"))
    assert {finding.where for finding in found} == {"repeated"}
    assert all(finding.remedy and "anna" not in finding.text() for finding in found)


async def test_the_cheap_hash_of_the_stories_is_real() -> None:
    assert await matches(PASSWORD, CHEAP_HASH)
