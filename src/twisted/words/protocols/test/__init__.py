"""Tests of the protocols of conversations."""
