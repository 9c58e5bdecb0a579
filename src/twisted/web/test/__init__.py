"""Tests of `twisted.web`."""
