import effects.rollout


def test_the_package_offers_what_it_names() -> None:
    assert all(hasattr(effects.rollout, name) for name in effects.rollout.__all__)
