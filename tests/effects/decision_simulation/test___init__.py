import effects.decision_simulation


def test_the_package_offers_what_it_names() -> None:
    assert all(hasattr(effects.decision_simulation, name) for name in effects.decision_simulation.__all__)
