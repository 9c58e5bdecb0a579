"""Tests of `twisted.internet`."""
