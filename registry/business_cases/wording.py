"""Findings of a business case in the words of its form: of rows and fields, not of tables and keys. Pure."""

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from effects.errors import Finding
from effects.message import Message
from registry.kit.language import term_key

EMPTY: Final = Finding("", "missing_key", "This is not filled in.", "Fill it in.")
MISSING: Final[Mapping[str, Finding]] = {
    "status": Finding("", "missing_key", "This is not filled in.", "Choose what the figure rests on."),
    "better": Finding("", "missing_key", "This is not filled in.", "Choose whether higher or lower is better."),
    "volume": Finding(
        "",
        "missing_key",
        "This is not filled in.",
        "Write the short name of the unit, as it stands under How many there are.",
    ),
    "indicator": Finding(
        "", "missing_key", "This is not filled in.", "Write the code of the indicator that the amount is for a unit of."
    ),
}
"""A field that is empty, by its key, where more than "fill it in" can be said."""

SAID: Final[Mapping[str, Finding]] = {
    "not_three_points": Finding(
        "",
        "not_three_points",
        "An uncertain figure has a low, a likely and a high end, in this order.",
        "Fill in all three, or only the likely one where the figure is exact.",
    ),
    "not_a_phase_in": Finding(
        "",
        "not_a_phase_in",
        "These are not percentages from 0 to 100 that never fall, one for each year.",
        "Write them like 30; 70; 100.",
    ),
    "sure_guess": Finding(
        "", "sure_guess", "A guess is not exact.", "Fill in the low and the high end beside the likely one."
    ),
    "unknown_volume": Finding(
        "",
        "unknown_volume",
        "Nothing under How many there are has the short name {name}.",
        "Add it there, or write a short name that stands there.",
    ),
    "volume_without_use": Finding(
        "",
        "volume_without_use",
        "An amount for the nation or for a municipality is not for a unit.",
        "Leave this empty, or choose that the amount is for a unit.",
    ),
    "cost_of_an_effect": Finding(
        "",
        "cost_of_an_effect",
        "What an effect is worth is a benefit; it turns negative by itself where the effect is a harm.",
        "Choose benefit as the kind.",
    ),
    "no_line": Finding("", "no_line", "No cost and no benefit is stated.", "Fill in at least one line."),
    "not_a_share": Finding("", "not_a_share", "This is not a percentage from 0 to 100.", "Write 12 % as 12."),
    "not_a_day": Finding("", "not_a_day", "This is not a day.", "Write it like 31-12-2026."),
    "no_discount_rate": Finding(
        "",
        "no_discount_rate",
        "The discount rate in force on this day is not known here.",
        "Fill in the discount rate.",
    ),
    "not_a_count": Finding("", "not_a_count", "This must be a whole number from {least} to {most}."),
    "not_text": Finding("", "not_text", "This must be a text without control characters.", "Write it anew."),
    "too_large": Finding("", "too_large", "This is out of any scale.", "Choose a larger unit."),
    "negative": Finding("", "negative", "This cannot be negative.", "Leave it empty where it is not known."),
    "unused_factor": Finding(
        "",
        "unused_factor",
        "No benefit is of the kind {kind}.",
        "Choose this kind of benefit in the lines it is for, or leave the factor empty.",
    ),
}
"""What the reading of a file says otherwise, by code; what is not here holds for a form word by word."""

ROWS: Final[Mapping[str, Message]] = {
    "lines": Message("Line {place}:"),
    "volumes": Message("How many there are, number {place}:"),
    "unquantified": Message("What stays in its own unit, number {place}:"),
}
_ROW: Final = re.compile(r"form\.(lines|volumes|unquantified)\.(\d+)\.")


def in_form(finding: Finding) -> Finding:
    """A finding at a field of the form as the form says it, with the row where the field stands in one."""
    said = MISSING.get(finding.column or "", EMPTY) if finding.code == "missing_key" else SAID.get(finding.code)
    message, remedy = (finding.message, finding.remedy) if said is None else (said.message, said.remedy)
    params = dict(finding.params)
    if finding.code == "unused_factor":
        params["kind"] = term_key(str(params["kind"]))
    row = _ROW.match(finding.where)
    if row and finding.code != "no_line":
        message, params["place"] = f"{ROWS[row[1]].template}\n{message}", int(row[2]) + 1
    return replace(finding, message=message, remedy=remedy, params=params, column=None)
