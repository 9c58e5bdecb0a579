"""Protocols that are made of bytes alone, and wrappers around other protocols."""
