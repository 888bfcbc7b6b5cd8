"""Slows down guessing of passwords: so many attempts for an address or from a client, then a pause.

An attempt is counted before the password is looked at, so that guesses made side by side count as well.
"""

import hashlib
import hmac
from datetime import timedelta
from math import ceil
from typing import Final

from registry.kit.clock import now
from registry.kit.errors import TooMany
from registry.people.tables import LoginAttempt
from registry.settings import Settings

WINDOW: Final = timedelta(minutes=15)
PER_ADDRESS: Final = 10
PER_CLIENT: Final = 100  # a whole town hall may come from one address


def keys(email: str, client: str, settings: Settings) -> tuple[str, str]:
    """Digests under which attempts for an e-mail address and from a client are counted; neither can be read back."""
    return _digest("email", email, settings), _digest("client", client, settings)


async def attempt(address: str, client: str) -> list[int]:
    """Count an attempt under both keys; the answer is what to `forget` when the password was right.

    Raises TooMany, and forgets this attempt, when a limit is reached.

    Runs outside any transaction on purpose: each attempt sees all that were counted before it.
    """
    moment = now()
    await LoginAttempt.delete().where(LoginAttempt.at <= moment - WINDOW)
    rows = await LoginAttempt.insert(LoginAttempt(key=address, at=moment), LoginAttempt(key=client, at=moment))
    noted = [row["id"] for row in rows]
    pause = max(await _pause(address, PER_ADDRESS), await _pause(client, PER_CLIENT))
    if pause:
        await LoginAttempt.delete().where(LoginAttempt.id.is_in(noted))
        raise TooMany(pause)
    return noted


async def forget(address: str, noted: list[int]) -> None:
    """The right password was given: neither this attempt nor earlier ones for the address count any longer."""
    await LoginAttempt.delete().where((LoginAttempt.key == address) | LoginAttempt.id.is_in(noted))


async def _pause(key: str, limit: int) -> int:
    """Seconds until fewer than `limit` attempts are in the window besides the one just made; 0 for no need to wait."""
    newest = LoginAttempt.objects().where(LoginAttempt.key == key).order_by(LoginAttempt.id, ascending=False)
    over = await newest.offset(limit).first()
    if over is None:
        return 0
    return max(1, ceil((over.at + WINDOW - now()).total_seconds()))


def _digest(kind: str, value: str, settings: Settings) -> str:
    text = f"login {kind}\n{value}".encode("utf-8", "surrogatepass")
    return hmac.new(settings.secret.encode(), text, hashlib.sha256).hexdigest()
