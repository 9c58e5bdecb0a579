"""Tests of the Instance Messenger."""
