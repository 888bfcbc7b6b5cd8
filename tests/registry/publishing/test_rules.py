from registry.publishing.rules import FILENAME, LEFT_OUT


def test_a_bundle_is_called_after_its_recommendation() -> None:
    assert FILENAME.format(12) == "virkning-recommendation-12.zip"


def test_rows_names_and_small_groups_are_said_to_be_left_out() -> None:
    said = " ".join(str(item) for item in LEFT_OUT)
    assert all(word in said for word in ("Rows", "Names", "small"))
