from dataclasses import FrozenInstanceError, fields

import pytest

from effects.codes import Better, Design, Domain, Estimand, Role
from effects.planning.sections import SCHEMA, DataRoles, Inference, Model, Outcome, PlanSections


def test_the_level_of_assignment_is_the_cluster() -> None:
    assert DataRoles(unit="pupil", cluster="school").assignment == "school"


def test_without_a_cluster_the_unit_is_assigned() -> None:
    assert DataRoles(unit="pupil").assignment == "pupil"


def test_without_either_nothing_is_assigned() -> None:
    assert DataRoles(treated="t").assignment is None


@pytest.mark.parametrize("section", [DataRoles(), Model(), Inference()])
def test_a_silent_section_states_nothing(section: DataRoles | Model | Inference) -> None:
    assert all(getattr(section, item.name) in (None, ()) for item in fields(section))


def test_sections_are_frozen() -> None:
    outcome = Outcome("y", Role.PRIMARY, Domain.STAFF, Better.HIGHER)
    sections = PlanSections("t", Design.STEPPED_WEDGE, Estimand.ITT, DataRoles(), (outcome,))
    with pytest.raises(FrozenInstanceError):
        sections.__setattr__("title", "another")


def test_the_schema_is_the_one_of_the_contract() -> None:
    assert SCHEMA == "virkning-plan/1"
