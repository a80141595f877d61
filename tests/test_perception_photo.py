"""Photos from strangers: what is read, what is refused, and that nothing private or dangerous stays."""

import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from perception import photo as p
from perception.photo import Album, Photo, PhotoError, load_photo


def picture(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Image.Image:
    """Left half red, right half blue."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    return image.convert(mode)


def encode(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def png_header(width: int, height: int) -> bytes:
    """A PNG that announces a size it does not have."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF", "AVIF"])
def test_reads_the_formats_people_send(kind: str) -> None:
    photo = load_photo(encode(picture(), kind))
    assert photo.image.mode == "RGB" and photo.size == (64, 48) == photo.image.size
    assert photo.image.getpixel((8, 24))[0] > 200 > 60 > photo.image.getpixel((8, 24))[2]


def test_reads_heic() -> None:
    import pillow_heif

    out = io.BytesIO()
    try:
        pillow_heif.from_pillow(picture()).save(out, format="HEIF")
    except Exception as e:  # the wheel may come without the encoder
        pytest.skip(f"cannot write HEIC here: {e}")
    assert load_photo(out.getvalue()).size == (64, 48)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty_file"),
        (b"hello, this is no picture", "not_an_image"),
        (b"PK\x03\x04" + b"\0" * 100, "not_an_image"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>1</script></svg>', "unsupported_type"),
        (b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x --><svg/>', "unsupported_type"),
        (b"%PDF-1.7 ...", "unsupported_type"),
        (b"%!PS-Adobe-3.0 EPSF-3.0", "unsupported_type"),
        (b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom", "unsupported_type"),
        (png_header(50_000, 50_000), "too_many_pixels"),
        (png_header(10_000, 9_000), "too_many_pixels"),
        (png_header(4, 4), "too_small"),
    ],
)
def test_refuses_with_a_stable_code(data: bytes, code: str) -> None:
    with pytest.raises(PhotoError) as caught:
        load_photo(data)
    assert caught.value.code == code


def test_refuses_a_large_file_before_looking_into_it() -> None:
    with pytest.raises(p.TooLarge):
        load_photo(b"\xff\xd8\xff" + bytes(p.MAX_BYTES))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"])
def test_refuses_what_is_cut_off(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (120, 160, 3), np.uint8)
    data = encode(Image.fromarray(noise), kind)
    with pytest.raises(PhotoError) as caught:
        load_photo(data[: len(data) // 2])
    assert caught.value.code == "truncated"


def test_an_animation_gives_its_first_frame() -> None:
    frames = [Image.new("RGB", (40, 40), c) for c in ("red", "green", "blue")]
    for kind in ("GIF", "WEBP"):
        data = encode(frames[0], kind, save_all=True, append_images=frames[1:], duration=50)
        red, green, blue = load_photo(data).image.getpixel((20, 20))
        assert red > 200 and green < 60 and blue < 60


@pytest.mark.parametrize("orientation", range(1, 9))
def test_turns_upright_and_drops_metadata(orientation: int) -> None:
    upright = picture((64, 32))
    undo = {
        2: 0,
        3: 3,
        4: 1,
        5: 5,
        6: 2,
        7: 6,
        8: 4,
    }  # the transposition that a camera held so would have made
    stored = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "SecretCam"
    photo = load_photo(encode(stored, "JPEG", exif=exif, quality=95))
    assert photo.size == (64, 32)
    assert photo.image.getpixel((5, 16))[0] > 200, "the red half is on the left again"
    assert b"SecretCam" not in photo.data and b"Exif" not in photo.data
    assert not photo.image.getexif()


def test_converts_other_modes() -> None:
    cmyk = load_photo(encode(Image.new("CMYK", (40, 40), (0, 255, 255, 0)), "JPEG")).image.getpixel((20, 20))
    assert cmyk[0] > 180 > 90 > cmyk[1]
    deep = Image.fromarray(np.full((40, 40), 32768, np.uint16))
    assert abs(load_photo(encode(deep, "PNG")).image.getpixel((20, 20))[0] - 128) < 4
    clear = load_photo(encode(Image.new("RGBA", (40, 40), (255, 0, 0, 0)), "PNG")).image.getpixel((20, 20))
    assert min(clear) > 250, "what is transparent shows white"
    assert load_photo(encode(picture(mode="P"), "PNG")).image.getpixel((8, 24))[0] > 200
    assert load_photo(encode(picture(mode="1"), "PNG")).size == (64, 48)


def test_reads_colour_profiles_and_survives_broken_ones() -> None:
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for profile in (srgb, b"not a profile"):
        assert load_photo(encode(picture(), "JPEG", icc_profile=profile)).image.getpixel((8, 24))[0] > 200


def test_scales_down_large_photos() -> None:
    photo = load_photo(encode(Image.new("RGB", (4000, 3000), "red"), "JPEG"))
    assert photo.size == (p.MAX_SIDE, p.MAX_SIDE * 3 // 4)


def test_the_same_photo_has_the_same_id() -> None:
    data = encode(picture(), "PNG")
    assert load_photo(data).id == load_photo(data).id != load_photo(encode(picture((64, 50)), "PNG")).id
    assert len(load_photo(data).id) == 16


def test_album_keeps_photos_by_id(tmp_path) -> None:
    album = Album(tmp_path / "photos")
    photo = album.put(encode(picture(), "PNG"))
    album.put(encode(picture(), "PNG"))
    assert [f.name for f in (tmp_path / "photos").iterdir()] == [f"{photo.id}.jpg"]
    again = Album(tmp_path / "photos").get(photo.id)
    assert again == photo and isinstance(again, Photo)
    assert album.path(photo.id).read_bytes() == photo.data


@pytest.mark.parametrize(
    "bad", ["", "..", "../../etc/passwd", "0" * 15, "0" * 16, "ABCDEF0123456789", "0123456789abcdef\n", "a/b"]
)
def test_album_refuses_ids_it_did_not_give(tmp_path, bad: str) -> None:
    with pytest.raises(p.PhotoNotFound):
        Album(tmp_path).get(bad)


def test_album_notices_a_changed_file(tmp_path) -> None:
    album = Album(tmp_path)
    photo = album.put(encode(picture(), "PNG"))
    (tmp_path / f"{photo.id}.jpg").write_bytes(encode(picture((30, 30)), "JPEG"))
    with pytest.raises(p.PhotoNotFound):
        album.get(photo.id)


MAGIC = [
    b"", b"\xff\xd8\xff\xe0", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF\x10\0\0\0WEBPVP8 ", b"II*\0", b"MM\0*", b"BM",
    b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", b"<svg",
]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(MAGIC), st.binary(max_size=400))
def test_garbage_never_escapes_as_another_error(magic: bytes, body: bytes) -> None:
    try:
        photo = load_photo(magic + body)
    except PhotoError as e:
        assert e.code in {
            "empty_file",
            "not_an_image",
            "unsupported_type",
            "truncated",
            "too_many_pixels",
            "too_small",
        }
    else:
        assert photo.image.mode == "RGB"


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["JPEG", "PNG", "WEBP", "GIF", "BMP", "TIFF"]), st.data())
def test_damaged_photos_never_escape_as_another_error(kind: str, data: st.DataObject) -> None:
    raw = bytearray(encode(picture(), kind))
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    try:
        load_photo(bytes(raw))
    except PhotoError as e:
        assert e.code
