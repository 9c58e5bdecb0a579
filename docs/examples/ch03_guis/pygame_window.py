"""A window of pygame, which takes the place of PyUI.

Run it as: python pygame_window.py PORT
"""

import sys

from board import serve

from twisted.internet import pyuisupport, reactor

pyuisupport.install(args=(320, 80), kw={"title": "nothing yet"})

import pygame


def show(text):
    pygame.display.get_surface().fill((0, 0, len(text) % 256))
    pygame.display.set_caption(text)
    return pygame.display.get_caption()[0]


def close():
    # As the window's close button does; it stops the reactor.
    pygame.event.post(pygame.event.Event(pygame.QUIT))


serve(reactor, show, close, sys.argv[1])
reactor.run()
