"""Where plugins are: each module here, and in folders ``twisted/plugins`` beside other programs.

Such a folder is on `sys.path` and has no ``__init__.py``; see `twisted.plugin`.
"""

from twisted.plugin import pluginPackagePaths

__path__.extend(pluginPackagePaths(__name__))
__all__: list[str] = []
