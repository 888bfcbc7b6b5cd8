import effects.synthesis
from effects.synthesis import pool, pooling


def test_the_package_offers_what_others_call() -> None:
    assert effects.synthesis.__all__ == sorted(effects.synthesis.__all__)
    assert all(hasattr(effects.synthesis, name) for name in effects.synthesis.__all__)
    assert pool is pooling.pool
