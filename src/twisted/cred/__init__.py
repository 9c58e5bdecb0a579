"""Who may log in, how that is found out, and what they get: three parts, apart from each other.

A protocol makes *credentials* of what its peer says, and gives them to a `portal.Portal`; a
*checker* turns them into the name of an avatar; a *realm* turns the name into the avatar.
Chapter 4.5 of the documentation is about them.
"""
