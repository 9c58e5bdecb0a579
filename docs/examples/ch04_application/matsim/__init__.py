"""A simulation of materials: section 4.2.1."""
