"""The audit chain. No foreign keys: erasing a person must not break it."""

from piccolo.columns import Integer, Serial, Timestamptz, Varchar
from piccolo.table import Table

from registry.kit.personal import NONE


class AuditEntry(Table, tablename="audit_entry"):
    """One write. `hash` covers every other column and `previous`, the hash of the entry before it."""

    id: Serial
    at = Timestamptz(null=False, default=None, help_text=NONE)
    actor = Integer(null=True, default=None, help_text=NONE)  # account id; empty = the programme itself
    action = Varchar(length=80, help_text=NONE)  # "pilots.register"
    object_kind = Varchar(length=40, index=True, help_text=NONE)
    object_id = Integer(null=False, default=0, help_text=NONE)
    digest = Varchar(length=64, help_text=NONE)  # sha256 of what was written
    previous = Varchar(length=64, unique=True, help_text=NONE)
    hash = Varchar(length=64, unique=True, help_text=NONE)
