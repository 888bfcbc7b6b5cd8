"""Advice about a technology that follows from the evidence by the rules."""
