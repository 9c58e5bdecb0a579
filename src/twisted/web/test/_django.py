"""A Django project in one file, as its users write them; `asgi` and `wsgi` are its applications."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from typing import Any

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.core.handlers.asgi import ASGIRequest
from django.core.wsgi import get_wsgi_application
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.urls import path

if not settings.configured:
    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        SECRET_KEY="not a secret, as this is a test",
        MIDDLEWARE=[
            "django.middleware.common.CommonMiddleware",
            "django.middleware.gzip.GZipMiddleware",
        ],
        LOGGING_CONFIG=None,
    )
    django.setup()
    # What is not found is on purpose here.
    logging.getLogger("django.request").setLevel(logging.CRITICAL)


def item(request: HttpRequest, number: int) -> JsonResponse:
    """A part of the path, the query, and where this is."""
    return JsonResponse(
        {"number": number, "q": request.GET.get("q"), "url": request.build_absolute_uri()}
    )


def upload(request: HttpRequest) -> HttpResponse:
    """A file of a form, and a field."""
    file: Any = request.FILES["file"]
    return HttpResponse(f"{request.POST['name']} {file.size}")


async def later(request: HttpRequest) -> HttpResponse:
    """A coroutine."""
    return HttpResponse(b"later", content_type="text/plain")


def numbers(request: HttpRequest) -> StreamingHttpResponse:
    """A response in pieces."""
    pieces = [b"%d " % number for number in range(10)]

    async def later() -> AsyncIterator[bytes]:
        for piece in pieces:
            yield piece

    return StreamingHttpResponse(later() if isinstance(request, ASGIRequest) else iter(pieces))


urlpatterns = [
    path("items/<int:number>", item),
    path("upload", upload),
    path("later", later),
    path("numbers", numbers),
]

asgi = get_asgi_application()
wsgi = get_wsgi_application()
