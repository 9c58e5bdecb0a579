"""Tests of `twisted.spread`."""
