from effects.codes import Aggregation, Reason
from effects.design_answers import NoEffect, Place, refused
from effects.linear_model import Obstacle
from effects.message import Message

OBSTACLE = Obstacle(Reason.EMPTY_ARM, Message("nobody is treated"), Message("treated rows"))


def test_an_obstacle_answers_the_one_overall_effect() -> None:
    (only,) = refused(OBSTACLE).effects
    assert only == NoEffect(place=Place(aggregation=Aggregation.OVERALL), obstacle=OBSTACLE)


def test_an_obstacle_answers_every_effect_that_was_asked_for() -> None:
    places = [Place(aggregation=Aggregation.SIMPLE), Place(aggregation=Aggregation.EVENT_TIME, event_time=-1)]
    found = refused(OBSTACLE, *places)
    assert [effect.place for effect in found.effects] == places
    assert found.diagnostics == ()
