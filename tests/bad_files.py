"""Files as shoppers send them by mistake or on purpose, and odd ones that are fine. Made here, from one picture."""

import io
import struct
import zlib
from collections.abc import Callable

from PIL import Image


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def bomb() -> bytes:
    """A PNG of a few kB that says it is 60 000 × 60 000 pixels."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(100_000)))
        + chunk(b"IEND", b"")
    )


def heic(image: Image.Image) -> bytes:
    import pillow_heif

    return saved_heif(pillow_heif.from_pillow(image.convert("RGB")))


def saved_heif(file: object) -> bytes:
    out = io.BytesIO()
    file.save(out, quality=60)  # type: ignore[attr-defined]
    return out.getvalue()


def sixteen_bit(image: Image.Image) -> bytes:
    grey = image.convert("L")
    wide = Image.new("I;16", grey.size)
    wide.putdata([value * 257 for value in grey.get_flattened_data()])
    return saved(wide, "PNG")


def frames(image: Image.Image) -> list[Image.Image]:
    return [image.convert("RGB"), image.convert("RGB").rotate(5), image.convert("RGB").rotate(10)]


# name → (bytes of a file that is refused, the codes that may say why)
REFUSED: dict[str, tuple[Callable[[Image.Image], bytes], set[str]]] = {
    "empty.jpg": (lambda _: b"", {"empty_file"}),
    "letter.jpg": (lambda _: "亲爱的店家，你好！".encode() * 20, {"not_an_image"}),
    "truncated.jpg": (lambda image: saved(image.convert("RGB"), "JPEG")[:2000], {"truncated"}),
    "truncated.png": (lambda image: saved(image.convert("RGB"), "PNG")[:5000], {"truncated"}),
    "huge.jpg": (lambda image: saved(image.convert("RGB"), "JPEG") + bytes(60_000_000), {"too_large"}),
    "bomb.png": (lambda _: bomb(), {"too_many_pixels"}),
    "drawing.svg": (
        lambda _: (
            b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
        ),
        {"unsupported_type"},
    ),
    "paper.pdf": (lambda _: b"%PDF-1.7\n" + bytes(500), {"unsupported_type", "not_an_image"}),
    "dot.png": (lambda _: saved(Image.new("RGB", (1, 1)), "PNG"), {"too_small"}),
}

# name → bytes of an unusual file that shows a garment all the same
ODD: dict[str, Callable[[Image.Image], bytes]] = {
    "moving.gif": lambda image: saved(
        frames(image)[0], "GIF", save_all=True, append_images=frames(image)[1:]
    ),
    "moving.webp": lambda image: saved(
        frames(image)[0], "WEBP", save_all=True, append_images=frames(image)[1:]
    ),
    "print.jpg": lambda image: saved(image.convert("CMYK"), "JPEG", quality=90),
    "deep.png": sixteen_bit,
    "phone.heic": heic,
    "palette.png": lambda image: saved(image.convert("P"), "PNG"),
    "clear.png": lambda image: saved(image.convert("RGBA"), "PNG"),
    "wrongly_named.txt": lambda image: saved(image.convert("RGB"), "JPEG", quality=90),
}
