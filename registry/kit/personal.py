"""Personal-data classes: every table column states one as its `help_text`, and a test refuses a column without."""

from typing import Final

NONE: Final = "personal:none"
"""Says nothing about a person."""

IDENTITY: Final = "personal:identity"
"""Points out a person: name, user name, the id of a person's row."""

CONTACT: Final = "personal:contact"
"""Reaches a person: e-mail, telephone."""

OPINION: Final = "personal:opinion"
"""What a named person thinks or decided, in their own words."""

SECRET: Final = "personal:secret"
"""Never shown, exported or logged: password hashes, session ids, keys."""

CLASSES: Final = frozenset({NONE, IDENTITY, CONTACT, OPINION, SECRET})
