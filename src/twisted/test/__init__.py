"""Tests of the tree as a whole: layers, sizes, exports."""
