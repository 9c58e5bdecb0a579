"""Tests of `twisted.logger`."""
