"""The rule sets as data, and the pure functions that read them: verdicts, certainty, gates, claims, advice."""
