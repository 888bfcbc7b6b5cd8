"""What was decided, by whom and why, beside the advice."""
