"""Outcomes that were lost: filled in many times, or made up for by weights."""
