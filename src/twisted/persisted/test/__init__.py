"""Tests of keeping objects in files."""
