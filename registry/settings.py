"""Everything an operator can set; the only reader of the environment."""

import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, TypeVar

Value = TypeVar("Value")

SCHEDULER_FORM = re.compile(r"(tcp|tls)://[^\s/?#@]+:\d{1,5}/?")
DATABASE_SCHEMES = ("sqlite:///", "postgresql://", "postgres://")
SCHEDULER = "tcp://host:port or tls://host:port"
MEGABYTE = 1024 * 1024
LOG_LEVELS = ("debug", "info", "warning", "error")


class SettingsError(ValueError):
    """One or more settings have values that cannot be used; `problems` has a line for each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = tuple(problems)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What this process runs with. Build it with `from_environment`, or directly in a test."""

    state: Path = Path("var")
    """All files the service writes live here."""
    database_url: str = ""
    """`sqlite:///path` or `postgresql://…`; empty means registry.sqlite in the state folder."""
    host: str = "127.0.0.1"
    port: int = 8000
    demo: bool = False
    """Demo accounts with known passwords exist, and pages say so."""
    seed: Literal["demo", "empty"] = "empty"
    secure_cookies: bool = False
    """Behind TLS: cookies are `Secure` and carry the `__Host-` prefix."""
    secret: str = field(default="", repr=False)
    """Signs and derives keys; at least 32 characters."""
    session_idle_minutes: int = 60
    session_absolute_minutes: int = 12 * 60
    small_cell: int = 5
    """Groups of fewer people than this are not shown."""
    upload_limit: int = 200 * MEGABYTE
    """Bytes."""
    dask_scheduler: str = ""
    """`tcp://host:port` or `tls://host:port` of the cluster that does work in parts; empty: this machine does it."""
    log_level: str = "info"
    language: Literal["da", "en"] = "da"

    def __post_init__(self) -> None:
        """Fill in what follows from the state folder."""
        if not self.database_url:
            object.__setattr__(self, "database_url", f"sqlite:///{self.state.absolute() / 'registry.sqlite'}")

    @staticmethod
    def from_environment(
        environment: Mapping[str, str] | None = None,
        *,
        silent: Mapping[str, str] | None = None,
        stated: Mapping[str, str] | None = None,
        makes: bool = True,
    ) -> "Settings":
        """Read and check all settings; makes the state folder and its secret on first use, unless `makes` is False.

        `stated` on the command line goes before the environment, which goes before what is taken where it is `silent`;
        a blank value is silent.
        Raises SettingsError listing every value that cannot be used.
        """
        said = os.environ if environment is None else environment
        spoken = {name: value for name, value in said.items() if value.strip()}
        return _read(_Environment({**(silent or {}), **spoken, **(stated or {})}), makes=makes)

    def environment(self) -> dict[str, str]:
        """The environment from which a child process reads these same settings."""
        said = {
            "DATA": str(self.state.absolute()),
            "DATABASE_URL": self.database_url,
            "HOST": self.host,
            "PORT": str(self.port),
            "DEMO": "yes" if self.demo else "no",
            "SEED": self.seed,
            "SECURE_COOKIES": "yes" if self.secure_cookies else "no",
            "SECRET": self.secret,
            "SESSION_IDLE_MINUTES": str(self.session_idle_minutes),
            "SESSION_ABSOLUTE_MINUTES": str(self.session_absolute_minutes),
            "SMALL_CELL": str(self.small_cell),
            "UPLOAD_LIMIT_MB": str(self.upload_limit // MEGABYTE),
            "DASK_SCHEDULER": self.dask_scheduler,
            "LOG_LEVEL": self.log_level,
            "DEFAULT_LANGUAGE": self.language,
        }
        return dict(os.environ) | said


class _Environment:
    """Reads values one by one and remembers every problem, so that an operator sees them all at once."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values = values
        self.problems: list[str] = []

    def read(self, name: str, default: Value, convert: Callable[[str], Value], expected: str) -> Value:
        text = self.values.get(name, "").strip()
        if not text:
            return default
        try:
            return convert(text)
        except (ValueError, KeyError):
            shown = "the value" if name in {"SECRET", "DATABASE_URL"} else repr(text)
            self.problems.append(f"{name}: {shown} is not {expected}")
            return default

    def number(self, name: str, default: int, low: int, high: int) -> int:
        def convert(text: str) -> int:
            value = int(text)
            if not low <= value <= high:
                raise ValueError
            return value

        return self.read(name, default, convert, f"a whole number from {low} to {high}")

    def flag(self, name: str, default: bool = False) -> bool:
        words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
        return self.read(name, default, lambda text: words[text.lower()], "yes or no")

    def choice(self, name: str, default: Value, choices: Mapping[str, Value]) -> Value:
        return self.read(name, default, lambda text: choices[text.lower()], "one of " + ", ".join(choices))


def scheduler_of(environment: Mapping[str, str] | None = None) -> str:
    """DASK_SCHEDULER alone, for commands that keep no state and need no other setting. Raises SettingsError."""
    reader = _Environment(os.environ if environment is None else environment)
    address = reader.read("DASK_SCHEDULER", "", _scheduler, SCHEDULER)
    if reader.problems:
        raise SettingsError(reader.problems)
    return address


def _read(environment: _Environment, *, makes: bool) -> Settings:
    state = environment.read("DATA", Path("var"), Path, "a folder")
    seeds: dict[str, Literal["demo", "empty"]] = {"demo": "demo", "empty": "empty"}
    languages: dict[str, Literal["da", "en"]] = {"da": "da", "en": "en"}
    settings = Settings(
        state=state,
        database_url=environment.read("DATABASE_URL", "", _database_url, "sqlite:///path or postgresql://…"),
        host=environment.read("HOST", "127.0.0.1", str, "an address"),
        port=environment.number("PORT", 8000, 1, 65535),
        demo=environment.flag("DEMO"),
        seed=environment.choice("SEED", "empty", seeds),
        secure_cookies=environment.flag("SECURE_COOKIES"),
        secret=environment.read("SECRET", "", _long_enough, "at least 32 characters")
        or (_stored_secret(environment, state) if makes else ""),
        session_idle_minutes=environment.number("SESSION_IDLE_MINUTES", 60, 1, 24 * 60),
        session_absolute_minutes=environment.number("SESSION_ABSOLUTE_MINUTES", 12 * 60, 1, 7 * 24 * 60),
        small_cell=environment.number("SMALL_CELL", 5, 3, 100),
        upload_limit=environment.number("UPLOAD_LIMIT_MB", 200, 1, 4096) * MEGABYTE,
        dask_scheduler=environment.read("DASK_SCHEDULER", "", _scheduler, SCHEDULER),
        log_level=environment.choice("LOG_LEVEL", "info", {level: level for level in LOG_LEVELS}),
        language=environment.choice("DEFAULT_LANGUAGE", "da", languages),
    )
    if environment.problems:
        raise SettingsError(environment.problems)
    return settings


def _database_url(text: str) -> str:
    if not text.startswith(DATABASE_SCHEMES):
        raise ValueError
    return text


def _scheduler(text: str) -> str:
    if not SCHEDULER_FORM.fullmatch(text):
        raise ValueError
    return text.rstrip("/")


def _long_enough(text: str) -> str:
    if len(text) < 32:
        raise ValueError
    return text


def _stored_secret(environment: _Environment, state: Path) -> str:
    """The secret of this installation; the first process to come makes it, readable by the owner only."""
    path = state / "secret"
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not path.exists():
            _write_once(path, secrets.token_urlsafe(48))
        return path.read_text("ascii").strip()
    except OSError as error:
        environment.problems.append(f"DATA: {state} cannot be used ({error.strerror})")
        return ""


def _write_once(path: Path, text: str) -> None:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    draft.touch(mode=0o600)
    draft.write_text(text, "ascii")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
