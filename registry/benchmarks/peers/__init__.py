"""What it is measured against; each module needs a package of the `benchmark` extra."""
