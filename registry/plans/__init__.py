"""Analysis plans: drafted, checked, locked, superseded."""
