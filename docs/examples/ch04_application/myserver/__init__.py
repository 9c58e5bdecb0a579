"""A server whose users log in: section 4.3.5."""
