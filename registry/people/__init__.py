"""Organisations, accounts and who may do what where."""
