"""Password hashes (argon2id, RFC 9106) and what makes a password acceptable."""

import asyncio
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from effects.errors import Finding

HASHER: Final = PasswordHasher(time_cost=3, memory_cost=64 * 1024, parallelism=4)
AT_ONCE: Final = 2
"""Hashes computed at the same time; each takes 64 MB, and the others wait their turn."""

SHORTEST: Final = 12
LONGEST: Final = 128
FEWEST_DIFFERENT: Final = 5

DECOY: Final = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$hYyQm3u1hm2TOVJ9uUq3yHh3QkbCFmR8oVAyBHDlM4w"
"""What an unknown person's password is compared with, so that the answer takes as long."""

_turns = ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="argon2")


async def hashed(password: str) -> str:
    """The hash to store, with its salt and parameters in it."""
    return await asyncio.get_running_loop().run_in_executor(_turns, HASHER.hash, password)


async def matches(password: str, stored: str | None) -> bool:
    """Whether the password belongs to the stored hash; None (nobody of that name) takes the same time to refuse."""
    right = await asyncio.get_running_loop().run_in_executor(_turns, _verified, stored or DECOY, password)
    return right and stored is not None


def _verified(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def weaknesses(password: str, *, email: str, name: str, where: str = "password") -> Iterator[Finding]:
    """Everything that makes a new password unacceptable; length counts for more than odd characters."""
    if not SHORTEST <= len(password) <= LONGEST:
        yield Finding(
            where,
            "password_length",
            "The password is too short or too long.",
            "Use {shortest} to {longest} characters, for example four words.",
            {"shortest": SHORTEST, "longest": LONGEST},
        )
    if len(set(password)) < FEWEST_DIFFERENT:
        yield Finding(
            where,
            "password_repeats",
            "The password repeats the same few characters.",
            "Use at least {fewest} different characters.",
            {"fewest": FEWEST_DIFFERENT},
        )
    parts = [*name.casefold().split(), email.casefold().partition("@")[0]]
    if any(len(part) >= 4 and part in password.casefold() for part in parts):
        yield Finding(
            where,
            "password_guessable",
            "The password contains a part of the name or the e-mail address.",
            "Choose words that nobody connects with the person.",
        )
