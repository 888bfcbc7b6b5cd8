"""Indicator data: received, checked, stored as immutable versions, approved by a second person."""
