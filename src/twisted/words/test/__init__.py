"""Tests of `twisted.words`."""
