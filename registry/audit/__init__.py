"""The chain of what was done: who, what, to which object; ids and digests only, never a personal value."""
