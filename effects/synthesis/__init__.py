"""Synthesis across pilots: one pooling model for the rules, and the field's estimators beside it.

`pool` and `pool_many` are the model of the rules; they need numpy alone (`effects.synthesis.pooling`). `synthesise`
gives every estimator of a set of `Studies` side by side, `read_studies` reads them from a file.
"""

from effects.synthesis.pooling import Pooled, PooledMany, pool, pool_many
from effects.synthesis.reading import read_studies
from effects.synthesis.studies import Studies
from effects.synthesis.synthesise import Synthesis, synthesise

__all__ = ["Pooled", "PooledMany", "Studies", "Synthesis", "pool", "pool_many", "read_studies", "synthesise"]
