"""Sums instead of rows: what an authority makes of its rows, what may leave the house, and how many files are one."""
