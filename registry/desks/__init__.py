"""Each role's start page, composed from the other slices' queries."""
