"""Tests of `twisted.trial`."""
