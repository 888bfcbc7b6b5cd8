"""Runs of a locked plan on an approved dataset version."""
