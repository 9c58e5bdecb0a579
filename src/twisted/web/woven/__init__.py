"""Woven: pages of three parts, a template with the names of models, views and controllers.

A *model* knows what there is to show, a *view* puts it into the element that names it, and a
*controller* takes what the user sends. `page.Page` is all three, and a resource. In a template,
which is XML, any element may have one of four attributes:

- ``model`` names what it shows, and what is in it: ``wmfactory_`` methods of pages and models give
  it, now or later. A name with slashes leads from part to part.
- ``view`` names how: a widget of `widgets`, or a ``wvfactory_`` or ``wvupdate_`` method.
- ``controller`` names what is asked before: a ``wcfactory_`` method.
- ``pattern`` marks an element that a view repeats, as a list its items.

Whatever models give is text, and escaped.
"""
