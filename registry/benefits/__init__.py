"""The promise ledger: what was promised, what it was revised to, what was measured, and what was realised."""
