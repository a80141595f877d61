"""Photos from strangers: checked, turned upright, stripped of metadata, re-encoded, kept by hash.

PhotoError                  .code is stable; doors word it in the shopper's language
├── EmptyFile               empty_file         no bytes
├── TooLarge                too_large          more than MAX_BYTES
├── NotAnImage              not_an_image       not a picture at all (text, archive, noise)
├── UnsupportedType         unsupported_type   a picture or document we do not read (SVG, PDF, PSD, video)
├── TooManyPixels           too_many_pixels    the header announces more than MAX_PIXELS; refused before decoding
├── TooSmall                too_small          a side under MIN_SIDE pixels: nothing to see
├── Truncated               truncated          the header is there, the picture is cut off or damaged
└── PhotoNotFound           photo_not_found    no photo of that id in the album
"""

import hashlib
import io
import os
import re
import tempfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image, ImageCms

MAX_BYTES = 25 * 1024 * 1024
MAX_PIXELS = 60_000_000
MAX_SIDE = 1600  # pixels, of what is kept
MIN_SIDE = 16
QUALITY = 90

_ID = re.compile(r"[0-9a-f]{16}")
_SRGB = ImageCms.createProfile("sRGB")

# EXIF orientation → what turns the picture upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


class PhotoError(Exception):
    """A photo that cannot be used. `detail` is for logs and developers, never for shoppers."""

    code = "unusable_photo"

    def __init__(self, detail: str = "") -> None:
        super().__init__(f"{self.code}: {detail}" if detail else self.code)
        self.detail = detail


class EmptyFile(PhotoError):
    code = "empty_file"


class TooLarge(PhotoError):
    code = "too_large"


class NotAnImage(PhotoError):
    code = "not_an_image"


class UnsupportedType(PhotoError):
    code = "unsupported_type"


class TooManyPixels(PhotoError):
    code = "too_many_pixels"


class TooSmall(PhotoError):
    code = "too_small"


class Truncated(PhotoError):
    code = "truncated"


class PhotoNotFound(PhotoError):
    code = "photo_not_found"


@dataclass(frozen=True)
class Photo:
    """A safe photo. `data`: JPEG without metadata; `id`: from its SHA-256; `size`: (width, height), upright."""

    id: str
    data: bytes
    size: tuple[int, int]

    @classmethod
    def of(cls, image: Image.Image) -> "Photo":
        """Encode a picture that is already trusted and upright (our own drawings, a shop's product picture)."""
        image = _flatten(image)
        image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
        image.info = {}
        out = io.BytesIO()
        image.save(out, "JPEG", quality=QUALITY, subsampling=0)
        data = out.getvalue()
        return cls(hashlib.sha256(data).hexdigest()[:16], data, image.size)

    @cached_property
    def image(self) -> Image.Image:
        """The pixels, RGB. Decoded from `data`, so a photo looks the same now and when taken from the album."""
        image = Image.open(io.BytesIO(self.data), formats=["JPEG"])
        image.load()
        return image


def sniff(data: bytes) -> str:
    """Pillow's name of the format, judged by content alone. Raises UnsupportedType or NotAnImage."""
    head = data[:64]
    if head.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if head.startswith((b"GIF87a", b"GIF89a")):
        return "GIF"
    if head.startswith(b"RIFF") and head[8:12] == b"WEBP":
        return "WEBP"
    if head.startswith((b"II*\x00", b"MM\x00*")):
        return "TIFF"
    if head.startswith(b"BM") and len(data) > 26 and data[14] in (12, 40, 52, 56, 64, 108, 124):
        return "BMP"
    if head[4:8] == b"ftyp":
        return _sniff_iso_media(data)
    foreign = (b"%PDF", b"%!PS", b"8BPS", b"\x00\x00\x01\x00", b"\xff\x0a", b"\x00\x00\x00\x0cJXL ", b"\x1aE\xdf\xa3",
               b"\x00\x00\x00\x0cjP")  # fmt: skip
    if head.startswith(foreign):
        raise UnsupportedType("a document, video or picture format we do not read")
    start = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if start.startswith(b"<svg") or (
        start.startswith((b"<?xml", b"<!doctype", b"<!--")) and b"<svg" in start
    ):
        raise UnsupportedType("SVG")
    raise NotAnImage("no known signature")


def _sniff_iso_media(data: bytes) -> str:
    """HEIF and AVIF share their container with MP4: told apart by the brands in the first box."""
    brands = {
        data[i : i + 4] for i in range(8, min(len(data), 64, max(16, int.from_bytes(data[:4], "big"))), 4)
    }
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    if brands & {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}:
        return "HEIF"
    raise UnsupportedType("a video")


def load_photo(data: bytes) -> Photo:
    """A safe Photo from untrusted bytes. Animations give their first frame.

    Raises a PhotoError subclass; whatever a decoder throws on hostile bytes becomes Truncated.
    """
    if not data:
        raise EmptyFile
    if len(data) > MAX_BYTES:
        raise TooLarge(f"{len(data)} bytes")
    kind = sniff(data)
    try:
        return Photo.of(_decode(data, kind))
    except PhotoError:
        raise
    except Image.DecompressionBombError as e:
        raise TooManyPixels(str(e)) from e
    except Exception as e:  # decoders raise anything from struct.error to RecursionError on damaged bytes
        raise Truncated(f"{kind}: {type(e).__name__}") from e


def _decode(data: bytes, kind: str) -> Image.Image:
    """Upright RGB, no larger than needed."""
    if kind == "HEIF":
        import pillow_heif

        pillow_heif.register_heif_opener()
    image: Image.Image
    with Image.open(io.BytesIO(data), formats=[kind]) as image:
        width, height = image.size
        if width * height > MAX_PIXELS:
            raise TooManyPixels(f"{width}x{height}")
        if min(width, height) < MIN_SIDE:
            raise TooSmall(f"{width}x{height}")
        orientation = 1 if kind == "HEIF" else _orientation(image)  # the HEIF reader turns pictures itself
        profile = image.info.get("icc_profile")
        if kind == "JPEG":  # decode at a half or a quarter where that is enough: less time, less memory
            image.draft(None, (MAX_SIDE, MAX_SIDE))
        image.load()
        factor = max(image.size) // (2 * MAX_SIDE)
        if factor > 1 and image.mode in ("L", "LA", "RGB", "RGBA", "CMYK"):
            image = image.reduce(factor)
        image = _flatten(_to_srgb(image, profile))
    image.thumbnail((MAX_SIDE, MAX_SIDE), Image.Resampling.LANCZOS)
    return image.transpose(_UPRIGHT[orientation]) if orientation in _UPRIGHT else image


def _orientation(image: Image.Image) -> int:
    try:
        return int(image.getexif().get(0x0112, 1))
    except Exception:  # broken EXIF must not cost the shopper the photo
        return 1


def _to_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Phones photograph in wide gamuts and printers in CMYK; colours are named in sRGB. A bad profile is ignored."""
    if not profile or image.mode not in ("RGB", "CMYK"):
        return image
    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        return ImageCms.profileToProfile(image, source, _SRGB, outputMode="RGB") or image
    except (ImageCms.PyCMSError, OSError, ValueError):
        return image


def _flatten(image: Image.Image) -> Image.Image:
    """RGB on white, from any mode; 16-bit and float pictures are scaled to 8 bits."""
    if image.mode == "RGB":
        return image.copy()
    if image.mode.startswith("I") or image.mode == "F":
        values = np.asarray(image).astype(np.float64)
        top = 65535.0 if image.mode.startswith("I;16") else max(255.0, float(np.nanmax(values)))
        image = Image.fromarray(np.clip(np.nan_to_num(values) / top * 255, 0, 255).astype(np.uint8))
    elif image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    return image.convert("RGB")


class Album:
    """Photos on disk, a file each, named by id. Safe to share between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)

    def put(self, data: bytes) -> Photo:
        """Check and keep a photo; the same photo twice is one file. Raises PhotoError."""
        photo = load_photo(data)
        path = self.folder / f"{photo.id}.jpg"
        if not path.exists():
            handle, name = tempfile.mkstemp(dir=self.folder, prefix=".", suffix=".part")
            try:
                with os.fdopen(handle, "wb") as f:
                    f.write(photo.data)
                Path(name).replace(path)  # atomic: a reader sees the whole file or none
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise
        return photo

    def path(self, photo_id: str) -> Path:
        """Where the photo lies. Raises PhotoNotFound for ids that are malformed or unknown."""
        if _ID.fullmatch(photo_id):
            path = self.folder / f"{photo_id}.jpg"
            if path.is_file():
                return path
        raise PhotoNotFound(repr(photo_id[:80]))

    def drop(self, photo_id: str) -> None:
        """Delete a photo; one that is not there is gone already."""
        if _ID.fullmatch(photo_id):
            (self.folder / f"{photo_id}.jpg").unlink(missing_ok=True)

    def get(self, photo_id: str) -> Photo:
        """The photo of that id. Raises PhotoNotFound; also where the file is no longer what was put there."""
        data = self.path(photo_id).read_bytes()
        if hashlib.sha256(data).hexdigest()[:16] != photo_id:
            raise PhotoNotFound(f"{photo_id} is damaged")
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as image:
            return Photo(photo_id, data, image.size)
