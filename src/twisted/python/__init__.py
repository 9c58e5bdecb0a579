"""The foundation: what every other package stands on and that knows no network."""
