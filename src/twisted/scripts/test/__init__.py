"""Tests of `twisted.scripts`."""
