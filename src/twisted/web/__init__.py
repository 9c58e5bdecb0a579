"""The World Wide Web: HTTP servers, resources, and what they are made of."""
