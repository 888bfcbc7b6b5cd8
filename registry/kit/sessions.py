"""Who is signed in, kept on the server: a row a session, its id only as a digest; nothing for anonymous visits."""

import hashlib
import secrets
from datetime import datetime, timedelta

from litestar.datastructures import Cookie

from registry.kit.clock import now
from registry.kit.tables import Session
from registry.settings import Settings

SEEN_EVERY = timedelta(minutes=1)  # a session's last sign of life is written at most this often


def session_cookie(settings: Settings) -> str:
    """Behind TLS the prefix makes the browser refuse a cookie planted by a neighbouring host."""
    return "__Host-session" if settings.secure_cookies else "session"


def digest(token: str) -> str:
    """What is stored of a session id, so that a copy of the table opens no session."""
    return hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()


async def start(account: int, settings: Settings) -> str:
    """A new session for an account that just proved who it is; the answer is the id for `carry`."""
    token = secrets.token_urlsafe(32)
    moment = now()
    expires = moment + timedelta(minutes=settings.session_absolute_minutes)
    await Session.insert(
        Session(id_digest=digest(token), account=account, created_at=moment, seen_at=moment, expires_at=expires)
    )
    return token


async def find(token: str, settings: Settings) -> int | None:
    """The account of a live session; None when it ended, idled out or never was. Notes that it was seen."""
    row = await Session.objects().get(Session.id_digest == digest(token))
    lives = row is not None and await alive(token, row.seen_at, row.expires_at, settings)
    return row.account if row is not None and lives else None


async def alive(token: str, seen_at: datetime, expires_at: datetime, settings: Settings) -> bool:
    """Whether a session with these moments still lives, and notes that it was seen; one that idled out is ended."""
    moment = now()
    if expires_at <= moment or seen_at + timedelta(minutes=settings.session_idle_minutes) <= moment:
        await end(token)
        return False
    if seen_at + SEEN_EVERY <= moment:
        await Session.update({Session.seen_at: moment}).where(Session.id_digest == digest(token))
    return True


async def rotate(token: str, settings: Settings) -> str | None:
    """A new id for a live session (after a change of role or password); the old id is dead. None without a session."""
    account = await find(token, settings)
    await end(token)
    return None if account is None else await start(account, settings)


async def end(token: str) -> None:
    """Sign out: the id is dead at once."""
    await Session.delete().where(Session.id_digest == digest(token))


async def end_all(account: int, *, keep: str | None = None) -> None:
    """End every session of an account, except the one with the id to keep."""
    mine = Session.account == account
    await Session.delete().where(mine if keep is None else mine & (Session.id_digest != digest(keep)))


async def sweep() -> None:
    """Forget sessions past their absolute limit; the worker calls this every hour."""
    await Session.delete().where(Session.expires_at <= now())


def carry(token: str, settings: Settings) -> Cookie:
    """The cookie that brings the session id back; it ends with the browser or at the absolute limit."""
    seconds = settings.session_absolute_minutes * 60
    return Cookie(
        session_cookie(settings),
        value=token,
        max_age=seconds,
        httponly=True,
        samesite="lax",
        secure=settings.secure_cookies,
    )


def drop(settings: Settings) -> Cookie:
    """The cookie that makes the browser forget the session id."""
    return Cookie(
        session_cookie(settings), value="", max_age=0, httponly=True, samesite="lax", secure=settings.secure_cookies
    )
