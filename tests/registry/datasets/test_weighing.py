"""A checked version against the one before it."""

from pathlib import Path

import msgspec
import pytest

from effects.plan import AnalysisPlan
from registry.datasets.checking import STORED
from registry.datasets.comparing import Earlier
from registry.datasets.differences import Counts, Obstacle
from registry.datasets.schema import Column, ColumnType, FileSchema, Part, proposed
from registry.datasets.weighing import Weighed, names_people, weigh
from tests.registry.datasets.story import a_csv, a_schema, checked
from tests.registry.plans.story import PLAN


def weighed(folder: Path, before: str, after: str) -> Weighed:
    """One file checked after another."""
    stored = []
    for number, content in enumerate((before, after)):
        place = folder / str(number)
        place.mkdir()
        facts = checked(place, content, a_schema()).stored
        assert facts is not None
        stored.append((place / "work" / STORED, facts))
    (first, facts), (second, _) = stored
    return weigh(second, a_schema(), Earlier(1, first, facts.columns, approved=True), False, folder)


def test_a_correction_is_told_by_site_and_period(tmp_path: Path) -> None:
    found = weighed(tmp_path, a_csv(), a_csv(areas=5).replace("0003,2026-W02,0,12,", "0003,2026-W02,0,13,"))
    assert (found.differences.earlier, found.differences.total) == (1, Counts(3, 0, 1))
    places = [(place.site, place.period) for place in found.differences.told().places]
    assert places == [("0003", "2026-W02"), *(("0005", f"2026-W0{week}") for week in (1, 2, 3))]
    assert found.findings == ()


def test_what_is_implausible_comes_with_it(tmp_path: Path) -> None:
    found = weighed(tmp_path, a_csv(areas=9), a_csv(areas=9).replace(",0.", ",44."))
    assert {finding.code for finding in found.findings} == {"far_mean"}


@pytest.mark.parametrize("content", [None, b"no parquet"])
def test_an_earlier_file_that_cannot_be_read_is_a_stated_obstacle(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "gone.parquet").write_bytes(content)
    gone = Earlier(1, tmp_path / "gone.parquet", (), approved=True)
    facts = checked(tmp_path, a_csv(), a_schema()).stored
    assert facts is not None
    earlier = Earlier(1, gone.path, facts.columns, approved=True)
    found = weigh(tmp_path / "work" / STORED, a_schema(), earlier, False, tmp_path)
    assert (found.differences.obstacle, found.findings) == (Obstacle.UNREADABLE, ())


def test_rows_are_people_where_the_plan_draws_lots_for_them_or_they_belong_to_a_site() -> None:
    areas = proposed(AnalysisPlan.from_text(PLAN))
    school = Column("school", ColumnType.TEXT, Part.CLUSTER)
    pupils = msgspec.structs.replace(areas, columns=(*areas.columns, school))
    persons = Column("persons", ColumnType.INTEGER, Part.PERSONS)
    assert not names_people(areas, individual=False)
    assert names_people(areas, individual=True)
    assert names_people(pupils, individual=False)
    assert names_people(FileSchema(columns=(school,)), individual=False)
    assert not names_people(msgspec.structs.replace(pupils, columns=(*pupils.columns, persons)), individual=True)
