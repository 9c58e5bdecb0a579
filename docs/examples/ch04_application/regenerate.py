"""Make the caches of plugins anew, as a package manager does after an installation.

python regenerate.py
"""

from twisted.plugin import IPlugin, getPlugins

if __name__ == "__main__":
    print(f"{len(list(getPlugins(IPlugin)))} plugins")
