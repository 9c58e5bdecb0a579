"""Databases: queries without waiting for them, and rows as objects."""
