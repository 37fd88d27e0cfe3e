"""Why a document is not taken, or not given."""

from typing import Final

from shopmsg.core.errors import ShopmsgError

#: PDF, JPEG or PNG of at most this.
MOST_BYTES: Final = 10_000_000
MOST_PAGES: Final = 20


class DocumentRefused(ShopmsgError):
    """Something about a document that cannot be done. The message says what is wrong and what to do.

    Codes of a file: "empty", "too_large", "wrong_kind", "damaged", "encrypted", "too_many_pages", "active",
    "too_many_pixels", "too_small", "busy". Of the application: "same_file", "too_many", "other_business", "other_line",
    "wrong_state", "storage_down". Of what was stored: "no_reason", "gone".
    """


def damaged() -> DocumentRefused:
    """A file that cannot be opened."""
    return DocumentRefused("damaged", "파일이 손상되어 열 수 없습니다. 원본 파일을 다시 올려 주세요.")
