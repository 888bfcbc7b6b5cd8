"""Every text has its Danish, and the catalogue holds nothing else."""

from string import Formatter

from registry.kit import texts


def test_no_text_lacks_danish() -> None:
    found = texts.collect()
    assert [f"{found[text]}: {text}" for text in texts.missing(found, texts.catalogue())] == []


def test_no_entry_of_the_catalogue_is_unused() -> None:
    assert texts.unused(texts.collect(), texts.catalogue()) == []


def test_the_english_words_are_for_codes_that_exist() -> None:
    assert texts.unused(texts.collect(), texts.catalogue(texts.CATALOGUE.with_name("en.po"))) == []


def test_no_entry_of_the_catalogue_is_empty_or_padded() -> None:
    said = {str(entry.id): str(entry.string) for entry in texts.catalogue() if entry.id}
    assert [text for text, danish in said.items() if not danish or danish != danish.strip()] == []


def test_the_danish_fills_in_the_same_values_as_the_english() -> None:
    said = {str(entry.id): str(entry.string) for entry in texts.catalogue() if entry.id}
    assert [text for text, danish in said.items() if _values(danish) != _values(text)] == []


def test_a_sentence_ends_as_its_english_does() -> None:
    said = {str(entry.id): str(entry.string) for entry in texts.catalogue() if entry.id}
    marks = (".", "?", ":")
    assert [text for text, danish in said.items() if text.endswith(marks) and danish[-1:] != text[-1:]] == []


def _values(template: str) -> list[tuple[str, str | None]]:
    return sorted((name, form) for _, name, form, _ in Formatter().parse(template) if name is not None)
