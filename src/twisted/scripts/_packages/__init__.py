"""Packages of operating systems around applications: what `tap2deb` and `tap2rpm` are made of."""
