"""Staggered adoption: units begin treatment at different times, and later ones stand for earlier ones until they do."""
