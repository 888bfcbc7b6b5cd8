from datetime import date
from typing import Any

from registry.people.rules import OrganisationKind
from registry.pilots.checks import amendment, described, open_questions, registration
from registry.pilots.rules import Dpia, Kind, Part, Weight
from registry.pilots.schemas import Amending, MilestoneRow, Registration, SiteView
from tests.registry.pilots.story import a_place, a_view

PLACES = {code: a_place(code) for code in ("0101", "0751", "0851")}


def stated(**changes: Any) -> Registration:
    return Registration(
        **{
            "title": "Robot vacuum cleaners",
            "kind": Kind.WELFARE_TECHNOLOGY,
            "organisation": 1,
            "technology": 4,
            "sites": ("0101",),
            **changes,
        }
    )


def codes(found: Any) -> list[tuple[str, str]]:
    return [(finding.where, finding.code) for finding in found]


def test_a_complete_registration_has_no_findings() -> None:
    assert registration(stated(starts=date(2026, 1, 1), ends=date(2026, 12, 31)), PLACES) == []


def test_a_period_may_be_unknown() -> None:
    assert described(stated(starts=None, ends=None), PLACES) == []


def test_everything_wrong_is_found_at_once() -> None:
    command = stated(
        technology=None,
        starts=date(2026, 12, 31),
        ends=date(2026, 1, 1),
        sites=("0101", "101", "0751"),
        comparison_sites=("9999", "0751"),
        milestones=(
            MilestoneRow(title="No date"),
            MilestoneRow(due=date(2026, 6, 30)),
            MilestoneRow(),
        ),
    )
    assert codes(registration(command, PLACES)) == [
        ("ends", "ends_before_start"),
        ("sites", "unknown_organisation"),
        ("comparison_sites", "unknown_organisation"),
        ("comparison_sites", "site_twice"),
        ("milestones.0.due", "missing"),
        ("milestones.1.title", "missing"),
        ("milestones.1.due", "outside_period"),
        ("technology", "missing"),
    ]


def test_a_finding_names_the_code_or_the_place() -> None:
    found = described(stated(sites=("0101", "7"), comparison_sites=("0101",)), PLACES)
    assert "the code 7." in found[0].text()
    assert found[1].text().startswith("Testkøbing 0101 is chosen both")


def test_a_pilot_needs_a_site_but_a_catalogue_entry_does_not() -> None:
    assert codes(registration(stated(sites=()), PLACES)) == [("sites", "no_site")]
    assert registration(stated(sites=()), PLACES, catalogue=True) == []


def test_unbelievable_years_are_found() -> None:
    found = described(stated(starts=date(1, 1, 1), ends=date(9999, 12, 31)), PLACES)
    assert codes(found) == [("starts", "unlikely_date"), ("ends", "unlikely_date")]


def test_milestones_lie_inside_the_period_as_far_as_it_is_known() -> None:
    early, late = MilestoneRow(title="Early", due=date(2025, 1, 1)), MilestoneRow(title="Late", due=date(2027, 1, 1))
    both = stated(starts=date(2026, 1, 1), ends=date(2026, 12, 31), milestones=(early, late))
    open_end = stated(starts=date(2026, 1, 1), milestones=(early, late))
    assert codes(described(both, PLACES)) == [
        ("milestones.0.due", "outside_period"),
        ("milestones.1.due", "outside_period"),
    ]
    assert codes(described(open_end, PLACES)) == [("milestones.0.due", "outside_period")]


def test_a_technology_is_known_or_new_but_not_both() -> None:
    both = stated(new_technology="Robot", new_major_version="1")
    half = stated(technology=None, new_technology="Robot")
    new = stated(technology=None, new_technology="Robot", new_major_version="1")
    assert codes(registration(both, PLACES)) == [("new_technology", "technology_twice")]
    assert codes(registration(half, PLACES)) == [("new_major_version", "missing")]
    assert registration(new, PLACES) == []


def amending(**changes: Any) -> Amending:
    return Amending(
        **{
            "title": "Robot vacuum cleaners",
            "technology": 4,
            "sites": ("0101",),
            "version": 1,
            "weight": Weight.MINOR,
            "reason": "The start is postponed",
            **changes,
        }
    )


def test_an_amendment_changes_something() -> None:
    assert codes(amendment(amending(), PLACES, [])) == [("title", "unchanged")]
    assert amendment(amending(), PLACES, ["starts"]) == []


def test_a_change_of_technology_or_sites_is_major() -> None:
    for field in ("technology", "sites", "comparison_sites"):
        assert codes(amendment(amending(), PLACES, [field])) == [("weight", "not_minor")]
        assert amendment(amending(weight=Weight.MAJOR), PLACES, [field]) == []


def test_a_pilot_keeps_having_a_technology() -> None:
    assert codes(amendment(amending(technology=None, weight=Weight.MAJOR), PLACES, ["technology"])) == [
        ("technology", "missing")
    ]


def a_site(part: Part = Part.INTERVENTION, kind: OrganisationKind = OrganisationKind.MUNICIPALITY) -> SiteView:
    return SiteView(1, "0101", "Testkøbing", kind, "Region Test", part, "medium", 2016)


COMPLETE = [a_site()] * 6 + [a_site(Part.COMPARISON)]


def test_a_complete_pilot_has_no_open_questions() -> None:
    assert open_questions(a_view(), COMPLETE) == ()
    regions = [a_site(kind=OrganisationKind.REGION)] * 2 + [a_site(Part.COMPARISON)]
    assert open_questions(a_view(), regions) == ()


def test_what_is_not_stated_is_open_and_only_warned_about() -> None:
    bare = a_view(starts=None, ends=None, target_group="", legal_basis="", dpia=Dpia.UNKNOWN)
    found = open_questions(bare, [a_site()] * 5)
    assert [finding.code for finding in found] == [
        "no_period",
        "no_target_group",
        "no_legal_basis",
        "dpia_unknown",
        "no_comparison",
        "below_grant_size",
    ]
    assert {finding.severity for finding in found} == {"warning"}


def test_a_planned_impact_assessment_is_not_a_done_one() -> None:
    assert [finding.code for finding in open_questions(a_view(dpia=Dpia.PLANNED), COMPLETE)] == ["dpia_planned"]
    assert open_questions(a_view(dpia=Dpia.NOT_NEEDED), COMPLETE) == ()


def test_the_grants_size_is_not_asked_of_schools() -> None:
    schools = [a_site(kind=OrganisationKind.SCHOOL), a_site(Part.COMPARISON, OrganisationKind.SCHOOL)]
    assert open_questions(a_view(kind=Kind.IT_IN_SCHOOLS), schools) == ()
    assert [finding.code for finding in open_questions(a_view(), schools)] == ["below_grant_size"]
