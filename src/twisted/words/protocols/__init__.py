"""The protocols of conversations."""
