"""A backup of everything: one file, the same for both databases, that a restore checks to the last byte."""
