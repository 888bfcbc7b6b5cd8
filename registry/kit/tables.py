"""The kit's own tables."""

from piccolo.columns import Boolean, DoublePrecision, Integer, Serial, Text, Timestamptz, Varchar
from piccolo.table import Table

from registry.kit.personal import IDENTITY, NONE, SECRET


class Job(Table, tablename="job"):
    """Work in the background; see `kit.jobs`. `fence` grows with each lease, so that an old worker cannot write."""

    id: Serial
    kind = Varchar(length=60, help_text=NONE)
    subject = Varchar(length=80, index=True, help_text=NONE)  # "analysis:12"
    payload = Text(default="{}", help_text=NONE)  # JSON
    state = Varchar(length=12, index=True, help_text=NONE)  # kit.jobs.JobState
    progress = DoublePrecision(default=0.0, help_text=NONE)  # 0..1
    note = Text(default="", help_text=NONE)  # JSON of a Message, or empty
    attempts = Integer(default=0, help_text=NONE)
    max_attempts = Integer(default=3, help_text=NONE)
    fence = Integer(default=0, help_text=NONE)
    leased_until = Timestamptz(null=True, default=None, help_text=NONE)
    worker = Varchar(length=80, help_text=NONE)
    cancel_requested = Boolean(default=False, help_text=NONE)
    error_code = Varchar(length=80, help_text=NONE)
    created_at = Timestamptz(null=False, default=None, help_text=NONE)
    started_at = Timestamptz(null=True, default=None, help_text=NONE)
    finished_at = Timestamptz(null=True, default=None, help_text=NONE)


class Worker(Table, tablename="worker"):
    """The last sign of life of each worker process."""

    id: Serial
    name = Varchar(length=80, unique=True, help_text=NONE)
    pid = Integer(help_text=NONE)
    seen_at = Timestamptz(null=False, default=None, help_text=NONE)


class Session(Table, tablename="session"):
    """A person signed in; see `kit.sessions`."""

    id: Serial
    id_digest = Varchar(length=64, unique=True, help_text=SECRET)
    account = Integer(index=True, help_text=IDENTITY)  # no key: the kit knows no accounts
    created_at = Timestamptz(null=False, default=None, help_text=NONE)
    seen_at = Timestamptz(null=False, default=None, help_text=NONE)
    expires_at = Timestamptz(null=False, default=None, help_text=NONE)
