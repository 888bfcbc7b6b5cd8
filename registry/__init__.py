"""The registry: pilots, their measured effects, and the decisions that follow."""
