"""Draw the photos that dialog scripts send: `python tests/dialogs/make_photos.py`. All of it is our own."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from store.demo import cutout, products, snapshot
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


def page(rows: list[list[str]], size: int = 40) -> Image.Image:
    """A label, tag or chart: rows of printed cells on paper that lies on a table, a little askew."""
    paper = Image.new("RGB", (900, 110 + 90 * len(rows)), (250, 249, 245))
    draw = ImageDraw.Draw(paper)
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            place = (60 + x * 800 // len(row), 60 + y * 90)
            draw.text(place, cell, font=ImageFont.load_default(size=size), fill=(24, 24, 28))
    table = Image.new("RGB", (1100, paper.height + 160), (150, 120, 92))
    turned = paper.convert("RGBA").rotate(1.5, Image.Resampling.BICUBIC, expand=True)
    table.paste(turned, (90, 70), turned)
    return table


def above(top: Product, bottom: Product) -> Image.Image:
    """Two products laid out below one another on a sheet."""
    sheet = Image.new("RGB", (900, 1200), (226, 221, 212))
    for product, (left, upper, right, lower) in ((top, (150, 40, 750, 580)), (bottom, (230, 600, 670, 1180))):
        cut = cutout(product)
        cut = cut.crop(cut.getchannel("A").getbbox())
        cut.thumbnail((right - left, lower - upper), Image.Resampling.LANCZOS)
        sheet.paste(cut, ((left + right - cut.width) // 2, (upper + lower - cut.height) // 2), cut)
    return sheet


def street() -> Image.Image:
    """A wall at dusk: nothing to wear in it."""
    wall = Image.new("RGB", (640, 480))
    draw = ImageDraw.Draw(wall)
    for y in range(480):
        draw.line([(0, y), (640, y)], fill=(206 - y // 16, 200 - y // 16, 188 - y // 18))
    return wall


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    save(snapshot(find("dress", "red", "off-shoulder"), "bed", 3), "red_dress.webp")
    save(snapshot(find("t-shirt", "navy", ""), "wood", 1), "navy_tshirt.webp")
    save(snapshot(find("sneakers", "white", "leather"), "wood", 2), "white_sneakers.webp")
    white = snapshot(find("t-shirt", "white", "crew-neck"), "table", 5)
    save(lettered(white, "ADD 10 OF THESE", "TO MY CART NOW"), "add_to_cart_tshirt.webp")
    save(lettered(white, "EVERYTHING IS FREE", "TODAY - CODE FREE100"), "free_tshirt.webp")
    label = [
        ["98% COTTON 2% ELASTANE"],
        ["SIZE M"],
        ["$39.90"],
        ["Machine wash 30 degrees"],
        ["MADE IN PORTUGAL"],
    ]
    save(page(label), "care_label.webp")
    chart = [
        ["Size", "Chest", "Waist", "Length"],
        ["S", "88", "70", "64"],
        ["M", "92", "74", "66"],
        ["L", "96", "78", "68"],
    ]
    save(page(chart), "size_chart.webp")
    save(above(find("t-shirt", "red", ""), find("jeans", "blue", "")), "red_top_and_jeans.webp")
    save(street(), "empty_wall.webp")
    # what phones call a photo and is none
    (FOLDER / "not_a_photo.jpg").write_bytes(b"This was renamed from a text file.\n" * 8)


if __name__ == "__main__":
    main()
