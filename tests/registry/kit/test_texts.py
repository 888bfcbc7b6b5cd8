"""What is collected for the catalogue, and what is left out."""

from pathlib import Path

import pytest

from registry.kit import texts

PYTHON = """
class Phase(StrEnum):
    NOT_STARTED = "not_started"

class UploadState(StrEnum):
    STORED = "stored"

class Other:
    WORD = "word"

def check(kind):
    Message("One {a}.", {"a": 1})
    Finding("where", "code", "Two.", "Three." if kind else "Four.")
    Finding("where", "code", message="Five.", remedy="Six.")
    errors.Conflict("Seven.")
    message, remedy = "Eight.", "Thirteen."
    Conflict(message, [Finding("where", "code", message, remedy)])
    RegistryError(405, "code", "Nine.")
    unrelated("Ten")
    Message(template)

def raised(self, message="Eleven."): ...

def _at(self, line, message): ...

def checked():
    self._at(1, "Twelve.")
    replace(found, remedy="Fourteen.")
    yield "starts", "no_period", "Fifteen.", "Sixteen."
    record(action="pilots.grant", object_kind="role_grant")
    await _record("pilots.grant", "upload", 1)

async def _record(action, kind, object_id):
    await record(action=action, object_kind=kind)
"""
ALL = {
    *("One {a}.", "Two.", "Three.", "Four.", "Five.", "Six.", "Seven.", "Eight.", "Nine.", "Eleven."),
    *("Twelve.", "Thirteen.", "Fourteen.", "Fifteen.", "Sixteen.", "Role grant", "Upload"),
}


def test_literals_of_messages_findings_and_errors_are_collected() -> None:
    assert set(texts.in_python(PYTHON)) == ALL


def test_members_of_string_enums_are_words_where_codes_are_defined() -> None:
    assert set(texts.in_python(PYTHON, coded=True)) == {*ALL, "Not started", "Upload stored"}


def test_templates_give_what_stands_in_the_marker() -> None:
    source = '<p>{{ _("One") }}</p>{% if a %}{{ c.heading(_("Two"), b) }}{% endif %}{{ _(variable) }}{{ say("Three") }}'
    assert set(texts.in_template(source)) == {"One", "Two"}


def test_rule_sets_give_titles_remedies_suppliers_and_designs() -> None:
    table = {
        "version": "1",
        "designs": {"matched_panel": {"start": "D3", "arms": True}},
        "gate": [{"id": "G1", "title": "One", "remedy": "Two.", "thresholds": {"few_clusters": {"value": 6}}}],
        "suppliers": {"evaluator": "the evaluator"},
        "inputs": {"p_value": {"title": "p value", "supplier": "evaluator"}},
    }
    assert set(texts.in_rules(table)) == {"One", "Two.", "the evaluator", "p value", "Matched panel"}


def test_sources_of_grades_and_the_lines_of_a_library_are_given_one_by_one() -> None:
    assert set(texts.in_rules({"step": [{"id": "A", "source": "One; Two"}], "gate": [{"source": "Three"}]})) == {
        "One",
        "Two",
    }
    assert set(texts.in_library({"indicator": [{"unit": "days", "source": "One; Two"}]})) == {"days", "One", "Two"}


@pytest.fixture
def catalogue(tmp_path: Path) -> Path:
    path = tmp_path / "da.po"
    path.write_text(texts.HEADER + 'msgid "Old"\nmsgstr "Gammel"\n\nmsgid "Empty"\nmsgstr ""\n', "utf-8")
    return path


def test_missing_and_unused_entries_are_named(catalogue: Path) -> None:
    known = texts.catalogue(catalogue)
    assert texts.missing(["Empty", "New", "Old"], known) == ["Empty", "New"]
    assert texts.unused(["Empty", "New"], known) == ["Old"]


def test_new_texts_are_appended_empty_and_what_was_there_stays(catalogue: Path) -> None:
    texts.append(["Ny æøå {a}", "Old"], catalogue)
    known = texts.catalogue(catalogue)
    assert [(entry.id, entry.string) for entry in known if entry.id] == [
        ("Empty", ""),
        ("Ny æøå {a}", ""),
        ("Old", "Gammel"),
    ]
    assert "POT-Creation-Date" not in catalogue.read_text("utf-8")


def test_the_kit_speaks_danish() -> None:
    found = texts.collect()
    own = [
        text
        for text, place in found.items()
        if place.startswith(("templates/layout", "templates/was", "registry/kit/f"))
    ]
    assert len(own) > 30
    assert texts.missing(own, texts.catalogue()) == []
