"""Everything between a plan file and a checked plan with its defaults settled."""
