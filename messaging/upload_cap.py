"""Uploads of any size are read to their end, and only what may be wanted of them is kept."""

import contextlib
from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.core.exceptions import BadRequest, SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from messaging.pictures.sanitize import MAX_UPLOAD_BYTES

P = ParamSpec("P")
View = Callable[Concatenate[HttpRequest, P], HttpResponse]


class CappedUploadHandler(FileUploadHandler):
    """First of the handlers: drops what a file has beyond the cap, so that the file is one chunk too large and is
    refused for that. Answering without reading the body to its end would reach no browser: the connection would be
    cut while it is still sending."""

    most = MAX_UPLOAD_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= self.most else None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return None


def files_up_to(most_bytes: int) -> Callable[[View[P]], View[P]]:
    """For a page that takes files no larger than `most_bytes` each, from people who are logged in: of anybody else
    nothing is kept, and the page itself turns them away. Outermost of a view's decorators; raises BadRequest for a body
    that breaks off."""

    class Handler(CappedUploadHandler):
        most = most_bytes

    def door(view: View[P]) -> View[P]:
        protected = csrf_protect(view)

        # The check reads the body, and whoever reads it first decides how.
        @csrf_exempt
        @wraps(view)
        def capped(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method != "POST":
                return protected(request, *args, **kwargs)
            if not request.user.is_authenticated:
                with contextlib.suppress(OSError):
                    while request.read(65_536):
                        pass
                return view(request, *args, **kwargs)
            request.upload_handlers = [Handler(request), *request.upload_handlers]
            try:
                request.FILES  # noqa: B018  # parses the body
            except (MultiPartParserError, UnreadablePostError, SuspiciousOperation) as error:
                raise BadRequest("the upload broke off") from error
            return protected(request, *args, **kwargs)

        return capped

    return door
