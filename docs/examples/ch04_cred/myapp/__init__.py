"""The application of the chapter on cred plugins."""
