"""Moments that authorities deliver instead of rows, and the version that they are gathered in."""
