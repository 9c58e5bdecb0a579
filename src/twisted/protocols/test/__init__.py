"""Tests of `twisted.protocols`."""
