"""Every column says what it tells about a person."""

from registry.kit import personal
from registry.kit.database import tables


def test_the_classes_are_told_apart() -> None:
    assert len(personal.CLASSES) == 5


def test_every_column_of_every_table_states_its_class() -> None:
    silent = [
        f"{table._meta.tablename}.{column._meta.name}"
        for table in tables()
        for column in table._meta.columns
        if not column._meta.primary_key and column._meta.help_text not in personal.CLASSES
    ]
    assert silent == []
