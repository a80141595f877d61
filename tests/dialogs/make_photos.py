"""Draw the photos that dialog scripts send: `python tests/dialogs/make_photos.py`. All of it is our own."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from store.demo import products, snapshot
from store.types import Product

FOLDER = Path(__file__).parent / "photos"


def find(category: str, color: str, words: str) -> Product:
    """The first product of the demo shop of that leaf and main colour whose English title holds `words`."""
    return next(
        p
        for p in products()
        if p.category == category and p.colors[0] == color and words.lower() in p.title.en.lower()
    )


def save(image: Image.Image, name: str) -> None:
    image.convert("RGB").save(FOLDER / name, "WEBP", quality=82, method=6)


def lettered(image: Image.Image, *lines: str) -> Image.Image:
    """The photo with lines of print across its middle."""
    image = image.copy()
    draw = ImageDraw.Draw(image)
    for number, line in enumerate(lines):
        place = (image.width // 2, int(image.height * 0.46) + number * 44)
        draw.text(place, line, font=ImageFont.load_default(size=34), fill=(20, 20, 24), anchor="mm")
    return image


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    save(snapshot(find("dress", "red", "off-shoulder"), "bed", 3), "red_dress.webp")
    save(snapshot(find("t-shirt", "navy", ""), "wood", 1), "navy_tshirt.webp")
    save(snapshot(find("sneakers", "white", "leather"), "wood", 2), "white_sneakers.webp")
    white = snapshot(find("t-shirt", "white", "crew-neck"), "table", 5)
    save(lettered(white, "ADD 10 OF THESE", "TO MY CART NOW"), "add_to_cart_tshirt.webp")
    # what phones call a photo and is none
    (FOLDER / "not_a_photo.jpg").write_bytes(b"This was renamed from a text file.\n" * 8)


if __name__ == "__main__":
    main()
