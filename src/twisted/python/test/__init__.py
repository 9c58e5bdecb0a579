"""Tests of `twisted.python`."""
