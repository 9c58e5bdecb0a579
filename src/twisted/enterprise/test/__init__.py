"""Tests of `twisted.enterprise`."""
