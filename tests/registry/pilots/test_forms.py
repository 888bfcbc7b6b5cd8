from datetime import date

from registry.people.rules import OrganisationKind
from registry.pilots.forms import chosen, from_facts, grouped, milestone_rows
from registry.pilots.rules import Part
from registry.pilots.schemas import MilestoneView, PilotFacts, Place, SiteView
from tests.registry.pilots.story import a_view


def a_place(name: str, kind: OrganisationKind, region: str = "") -> Place:
    return Place(1, name[:4], name, kind, region, None, None)


def test_the_form_is_filled_with_what_stands_without_milestones_already_reached() -> None:
    facts = PilotFacts(
        pilot=a_view(ends=None),
        sites=(
            SiteView(1, "0101", "København", "municipality", "", Part.INTERVENTION, "large", 2016),
            SiteView(2, "0751", "Aarhus", "municipality", "", Part.COMPARISON, "large", 2016),
        ),
        milestones=(
            MilestoneView(1, "Start", date(2026, 1, 5), done_at=date(2026, 1, 5)),
            MilestoneView(2, "End", date(2026, 12, 1), done_at=None),
        ),
        amendments=(),
        open_questions=(),
    )
    values = from_facts(facts)
    assert (values["title"], values["starts"], values["ends"], values["version"]) == (
        "Robot vacuum cleaners",
        date(2026, 1, 1),
        "",
        1,
    )
    assert (values["sites"], values["comparison_sites"]) == (["0101"], ["0751"])
    assert (values["milestones.title"], values["milestones.due"]) == (["End"], [date(2026, 12, 1)])


def test_milestone_rows_are_numbered_as_the_findings_count_them() -> None:
    typed = {"milestones.title": ["Start", "", "End"], "milestones.due": ["1-1-2026", "", ""]}
    assert milestone_rows(typed) == [("Start", "1-1-2026"), ("End", ""), ("", ""), ("", ""), ("", "")]


def test_a_single_row_comes_as_plain_text() -> None:
    assert milestone_rows({"milestones.title": "Start", "milestones.due": ""})[0] == ("Start", "")
    assert milestone_rows({}) == [("", "")] * 3


def test_ticked_boxes_are_found_whether_one_or_many() -> None:
    assert chosen({"sites": "0101"}, "sites") == {"0101"}
    assert chosen({"sites": ["0101", "0751"]}, "sites") == {"0101", "0751"}
    assert chosen({}, "sites") == frozenset()


def test_places_stand_below_their_region_then_regions_then_schools() -> None:
    places = [
        a_place("Skolen", OrganisationKind.SCHOOL),
        a_place("Region Nord", OrganisationKind.REGION),
        a_place("Aarhus", OrganisationKind.MUNICIPALITY, "Region Midt"),
        a_place("Aalborg", OrganisationKind.MUNICIPALITY, "Region Nord"),
        a_place("Hjørring", OrganisationKind.MUNICIPALITY, "Region Nord"),
        a_place("Nyby", OrganisationKind.MUNICIPALITY),
    ]
    assert [(heading, [one.name for one in members]) for heading, members in grouped(places)] == [
        ("Municipalities", ["Nyby"]),
        ("Region Midt", ["Aarhus"]),
        ("Region Nord", ["Aalborg", "Hjørring"]),
        ("Regions", ["Region Nord"]),
        ("Schools", ["Skolen"]),
    ]
    assert grouped([]) == []
