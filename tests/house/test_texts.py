"""Every text has its Danish, and the catalogue holds nothing else."""

from registry.kit import texts


def test_no_text_lacks_danish() -> None:
    found = texts.collect()
    assert [f"{found[text]}: {text}" for text in texts.missing(found, texts.catalogue())] == []


def test_no_entry_of_the_catalogue_is_unused() -> None:
    assert texts.unused(texts.collect(), texts.catalogue()) == []
