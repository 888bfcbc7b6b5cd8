"""The list of tables."""

from pathlib import Path

from registry.kit.database import tables
from registry.kit.resources import folder
from registry.piccolo_app import APP_CONFIG, IN_ORDER, defined_in


def test_a_table_stands_after_those_it_refers_to() -> None:
    seen: set[str] = set()
    for table in tables():
        seen.add(table._meta.tablename)
        referred = {
            key._foreign_key_meta.resolved_references._meta.tablename for key in table._meta.foreign_key_columns
        }
        assert referred <= seen, table._meta.tablename


def test_every_slice_with_tables_is_listed() -> None:
    listed = {Path(module.__file__ or "") for module in IN_ORDER}
    assert listed == set(Path(__file__).parents[2].glob("registry/*/tables.py"))


def test_an_imported_table_belongs_to_the_module_that_defines_it() -> None:
    assert sum(len(defined_in(module)) for module in IN_ORDER) == len(set(APP_CONFIG.table_classes))


def test_the_migrations_ship_with_the_code() -> None:
    assert APP_CONFIG.resolved_migrations_folder_path == str(folder("migrations"))
