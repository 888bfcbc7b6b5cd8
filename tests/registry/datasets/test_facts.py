"""What a check leaves word of."""

from pathlib import Path

from registry.datasets.facts import Step


def test_the_last_word_that_was_left_is_told_and_before_the_first_there_is_none(tmp_path: Path) -> None:
    assert Step.told(tmp_path) is None
    for step in Step:
        step.tell(tmp_path)
        assert Step.told(tmp_path) is step
