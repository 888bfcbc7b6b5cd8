"""Synthesis across pilots: one pooling model for the rules, and the field's estimators beside it."""

from effects.synthesis.pooling import Pooled, PooledMany, pool, pool_many

__all__ = ["Pooled", "PooledMany", "pool", "pool_many"]
