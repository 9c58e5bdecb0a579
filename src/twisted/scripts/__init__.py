"""The commands that the distribution installs."""
