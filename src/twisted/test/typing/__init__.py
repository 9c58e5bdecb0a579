"""Programs as users write them, for type checkers: `good` must pass, and `bad` must not."""
