"""Papers made for tests: real PDFs with text, and photographs."""

import io
from collections.abc import Callable

from PIL import Image
from pypdf import PdfWriter
from pypdf.generic import DecodedStreamObject, DictionaryObject, NameObject, TextStringObject


def pdf(*lines: str, pages: int = 1, change: Callable[[PdfWriter], object] = lambda _: None) -> bytes:
    """A PDF whose every page says these lines (ASCII). `change` gets the writer before it is written."""
    writer = PdfWriter()
    font = writer._add_object(
        DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Font"),
                NameObject("/Subtype"): NameObject("/Type1"),
                NameObject("/BaseFont"): NameObject("/Helvetica"),
            }
        )
    )
    for _ in range(pages):
        page = writer.add_blank_page(595, 842)
        stream = DecodedStreamObject()
        said = " T* ".join(f"({line}) Tj" for line in lines)
        stream.set_data(f"BT /F1 12 Tf 14 TL 60 780 Td {said} ET".encode())
        page[NameObject("/Resources")] = DictionaryObject(
            {NameObject("/Font"): DictionaryObject({NameObject("/F1"): font})}
        )
        page[NameObject("/Contents")] = writer._add_object(stream)
    change(writer)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def photograph(
    kind: str = "JPEG", size: tuple[int, int] = (800, 1100), colour: str = "#ddd", **options: object
) -> bytes:
    """A photographed paper; `options` are Pillow's."""
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind, **options)
    return out.getvalue()


def opens_with(action: str) -> Callable[[PdfWriter], object]:
    """A change for `pdf`: this action runs when the document is opened."""

    def change(writer: PdfWriter) -> None:
        writer.root_object[NameObject("/OpenAction")] = writer._add_object(
            DictionaryObject(
                {NameObject("/S"): NameObject(f"/{action}"), NameObject("/F"): TextStringObject("calc.exe")}
            )
        )

    return change
