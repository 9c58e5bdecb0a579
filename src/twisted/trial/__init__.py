"""The test framework: `unittest`, with tests that may wait."""
