"""`virkning benchmark`: ours and its peers side by side on the same seeded rows, in one run."""
