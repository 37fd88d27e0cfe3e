"""Uploads of any size are read to their end, and only what may be a photograph is kept."""

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

from messaging.pictures.sanitize import MAX_UPLOAD_BYTES


class CappedUploadHandler(FileUploadHandler):
    """First of the handlers: drops what a file has beyond the cap, so that the file is one chunk too large and is
    refused for that. Answering without reading the body to its end would reach no browser: the connection would be
    cut while it is still sending."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        return raw_data if start <= MAX_UPLOAD_BYTES else None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        return None
