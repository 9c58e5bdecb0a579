"""A parameter with a default that no command line can give: was it there?"""

import sys

from twisted.python import usage


class Options(usage.Options):
    optFlags = [
        ["fast", "f", "Run quickly"],
        ["good", "g", "Don't validate input"],
        ["cheap", "c", "Use cheap resources"],
    ]
    optParameters = [["user", "u", None, "The user name"]]


config = Options()
try:
    config.parseOptions()  # When given no argument, parses sys.argv[1:]
except usage.UsageError as errortext:
    print(f"{sys.argv[0]}: {errortext}")
    print(f"{sys.argv[0]}: Try --help for usage details.")
    sys.exit(1)
if config["user"] is not None:
    print("Hello", config["user"])
print("So, you want it:")
if config["fast"]:
    print("fast", end=" ")
if config["good"]:
    print("good", end=" ")
if config["cheap"]:
    print("cheap", end=" ")
print()
