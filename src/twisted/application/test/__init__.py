"""Tests of services, and of what runs them."""
