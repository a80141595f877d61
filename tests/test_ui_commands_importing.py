"""`daogou import` at its door: every format in, a report that says what to do, never a half."""

import json
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from filelock import FileLock
from PIL import Image
from typer.testing import CliRunner

from tests.feeds import item, rss, table
from ui.cli import app

pytestmark = pytest.mark.usefixtures("one_pair_of_eyes")


def run(*args: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in args])


def lines(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


def pages(folder: Path) -> Path:
    """A page of a product and one of a group of variants."""
    ring = {"@context": "https://schema.org", "@type": "Product", "name": "Gold ring", "sku": "R1", "material": "gold",
            "image": ["ring.png"], "brand": {"@type": "Brand", "name": "Orla"}, "category": "Rings",
            "offers": {"@type": "Offer", "price": "120.00", "priceCurrency": "USD",
                       "availability": "https://schema.org/InStock"}}  # fmt: skip
    offer = {"price": 40, "priceCurrency": "USD", "availability": "InStock"}
    sizes = [
        {
            "@type": "Product",
            "sku": f"S-{size}",
            "name": "Linen shirt",
            "size": size,
            "color": "Navy",
            "offers": offer,
        }
        for size in "ML"
    ]
    group = {"@type": "ProductGroup", "productGroupID": "S", "name": "Linen shirt", "hasVariant": sizes}
    shirts = {"@graph": [{"@type": "WebPage"}, group]}
    folder.mkdir(exist_ok=True)
    for name, value in (("a", ring), ("b", shirts)):
        script = f'<script type="application/ld+json">{json.dumps(value)}</script>'
        (folder / f"{name}.html").write_text(
            f"<!doctype html><html><head>{script}</head><body>Hi</body></html>"
        )
    Image.new("RGB", (300, 300), "gold").save(folder / "ring.png")
    return folder


def written(tmp_path: Path, kind: str) -> tuple[Path, list[str]]:
    """A small feed of that format and the ids of what is in it."""
    if kind == "google":
        (tmp_path / "feed.xml").write_text(
            rss(item("g1"), item("g2", title="Oak table", product_type="Furniture &gt; Tables"))
        )
        return tmp_path / "feed.xml", ["g1", "g2"]
    if kind == "shopify":
        row = {
            "Handle": "tee",
            "Title": "Tee",
            "Variant Price": "10",
            "Option1 Name": "Size",
            "Option1 Value": "S",
        }
        (tmp_path / "export.csv").write_text(
            table([row, {"Handle": "tee", "Variant Price": "10", "Option1 Value": "M"}])
        )
        return tmp_path / "export.csv", ["tee"]
    if kind == "acp":
        paid = {"amount": 1500, "currency": "USD"}
        variant = {"id": "A-M", "title": "Tee M", "price": paid, "options": {"Size": "M"}}
        nested = {"id": "A", "title": "Tee", "variants": [variant]}
        flat = {
            "item_id": "B",
            "title": "Skirt",
            "price": "79.99 USD",
            "availability": "in_stock",
            "is_eligible_search": True,
        }
        (tmp_path / "products.jsonl").write_text(f"{json.dumps(nested)}\n{json.dumps(flat)}\n")
        return tmp_path / "products.jsonl", ["A", "B"]
    if kind == "schema":
        return pages(tmp_path / "pages"), ["R1", "S"]
    (tmp_path / "table.csv").write_text(
        "Artikel;Bezeichnung;Preis\n7;Rotes Kleid;19,90\n", encoding="latin-1"
    )
    return tmp_path / "table.csv", ["7"]


MAPPED = ["--map", "Artikel=id", "--map", "Bezeichnung=title", "--map", "Preis=price", "--currency", "EUR"]


@pytest.mark.parametrize("kind", ["google", "shopify", "acp", "schema", "csv"])
def test_every_format_comes_in_and_is_found(tmp_path: Path, kind: str) -> None:
    feed, ids = written(tmp_path, kind)
    result = run("import", feed, "--data", tmp_path / "shop", "--json", *(MAPPED if kind == "csv" else ()))
    assert result.exit_code == 0, result.output
    (summary,) = lines(result)
    assert (summary["format"], summary["errors"], summary["new"]) == (kind, [], len(ids))
    back = {p["id"]: p for p in lines(run("products", "--data", tmp_path / "shop"))}
    assert sorted(back) == sorted(ids)
    if kind == "acp":
        assert [back[i]["price"]["amount"] for i in ids] == ["15.00", "79.99"]
    if kind == "schema":
        assert ([s["size"] for s in back["S"]["sizes"]], back["R1"]["category"]) == (["M", "L"], "jewellery")
        assert len(back["R1"]["images"]) == 1
    if kind == "google":
        hits = lines(run("search", "oak table", "--data", tmp_path / "shop", "--json"))
        assert (hits[0]["id"], hits[0]["category"]) == ("g2", "tables")
    if kind == "shopify":  # nobody has counted them
        shown = run("search", "tee", "--data", tmp_path / "shop")
        assert (shown.exit_code, "S M" in shown.stdout) == (0, True), shown.output
    if kind == "csv":
        assert back["7"]["price"] == {"amount": "19.90", "currency": "EUR"}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_report_says_where_why_and_what_to_do(tmp_path: Path, lang: str) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text(
        "id,title,price,image\n1,Red dress,-5,\n2,Skirt,5,file:///etc/passwd\n3,Coat,7,http://127.0.0.1/a.jpg\n"
    )
    report = tmp_path / "report.json"
    result = run("import", feed, "--data", tmp_path / "shop", "--lang", lang, "--report", report)
    assert result.exit_code == 0, result.output
    assert (
        f"{feed}:2: 1: price: {'价格是负数' if lang == 'zh' else 'the price is negative'}: -5"
        in result.stderr.replace("：", ": ")
    )
    assert ("新增" if lang == "zh" else "new") in result.stdout
    told = json.loads(report.read_text())["feeds"][0]
    assert (told["read"], told["new"], told["refused"]) == (3, 2, 1)
    [error] = told["errors"]
    assert (error["line"], error["id"], error["field"], error["code"]) == (2, "1", "price", "negative_price")
    assert error["reason"] and error["fix"]
    assert [(w["id"], w["picture"]) for w in told["warnings"] if w["code"] == "picture_left_out"] == [
        ("2", "file:///etc/passwd"),
        ("3", "http://127.0.0.1/a.jpg"),
    ]


def test_it_says_that_another_import_is_running(tmp_path: Path) -> None:
    feed, _ = written(tmp_path, "google")
    (tmp_path / "shop").mkdir()
    with FileLock(tmp_path / "shop" / "import.lock"):
        result = run("import", feed, "--data", tmp_path / "shop", "--json")
    assert result.exit_code == 1
    assert lines(result)[0]["error"]["code"] == "import_busy"
    assert "--wait" in result.stderr


def test_it_waits_for_another_import_where_it_is_told_to(tmp_path: Path) -> None:
    feed, ids = written(tmp_path, "google")
    (tmp_path / "shop").mkdir()
    lock = FileLock(tmp_path / "shop" / "import.lock", thread_local=False)
    lock.acquire()
    other = threading.Timer(0.5, lock.release)
    other.start()
    began = time.monotonic()
    result = run("import", feed, "--data", tmp_path / "shop", "--json", "--wait")
    other.join()
    assert (result.exit_code, lines(result)[0]["new"]) == (0, len(ids))
    assert time.monotonic() - began >= 0.5


def test_products_that_are_gone_go_only_with_full(tmp_path: Path) -> None:
    feed, _ = written(tmp_path, "google")
    run("import", feed, "--data", tmp_path / "shop")
    feed.write_text(rss(item("g1")))
    kept = run("import", feed, "--data", tmp_path / "shop", "--json")
    assert (lines(kept)[0]["removed"], lines(kept)[0]["unchanged"]) == (0, 1)
    gone = run("import", feed, "--data", tmp_path / "shop", "--json", "--full")
    assert (lines(gone)[0]["removed"], lines(gone)[0]["removed_ids"]) == (1, ["g2"])


@pytest.mark.parametrize("kind", ["xml", "tsv"])
def test_a_variant_that_cannot_be_read_never_takes_its_product_away(tmp_path: Path, kind: str) -> None:
    feed = tmp_path / f"feed.{kind}"
    rows = [item("A-1", item_group_id="A"), item("B-1", item_group_id="B")]
    cells = [
        {
            "id": f"{g}-1",
            "title": "Red dress",
            "price": "15 USD",
            "availability": "in_stock",
            "item_group_id": g,
        }
        for g in "AB"
    ]
    feed.write_text(rss(*rows) if kind == "xml" else table(cells))
    run("import", feed, "--data", tmp_path / "shop", "--json")
    slipped = table(cells).replace("B-1,Red dress", "B-1,Red, dress")
    feed.write_text(rss(rows[0], rows[1] + "<b>") if kind == "xml" else slipped)
    again = lines(run("import", feed, "--data", tmp_path / "shop", "--json", "--full"))[0]
    assert (again["unchanged"], again["refused"], again["removed"]) == (1, 1, 0)


def test_half_characters_and_odd_file_names_stop_no_import(tmp_path: Path) -> None:
    feed = tmp_path / "feed.jsonl"
    half = {"id": "h\ud800", "title": "Red dress", "price": "\ud801", "color": "\udfff"}
    feed.write_text(json.dumps(half) + "\n" + json.dumps({"id": "ok", "title": "Red 👗", "price": "15 USD"}))
    told = lines(run("import", feed, "--data", tmp_path / "shop", "--json"))[0]
    assert (told["new"], told["refused"]) == (1, 1)
    feed.write_text(json.dumps([half, {"id": "ok", "title": "Red 👗", "price": "15 USD"}]))
    told = lines(run("import", feed, "--data", tmp_path / "shop", "--json"))[0]
    assert (told["unchanged"], told["refused"]) == (1, 1)
    folder = pages(tmp_path / "pages")
    (folder / os.fsdecode(b"\xb2\xe2.html")).write_text("<html>no product</html>")
    told = lines(run("import", folder, "--data", tmp_path / "shop", "--json"))[0]
    assert (told["new"], told["refused"]) == (2, 1)


@pytest.mark.parametrize(
    ("args", "code"),
    [(["--map", "nonsense"], 2), (["--map", "a=nonsense"], 1), (["--currency", "XXQ"], 1),
     (["--encoding", "klingon"], 1), (["--images", "nowhere"], 1), (["--format", "papyrus"], 2)],
    ids=str,
)  # fmt: skip
def test_what_cannot_be_meant_is_said_before_anything_is_read(
    tmp_path: Path, args: list[str], code: int
) -> None:
    feed, _ = written(tmp_path, "csv")
    result = run("import", feed, "--data", tmp_path / "shop", *args)
    assert result.exit_code == code, result.output
    assert "Traceback" not in result.output


def test_no_name_is_asked_of_the_network_where_that_is_not_wanted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*args: object, **kwargs: object) -> None:
        raise AssertionError("a name was asked for")

    monkeypatch.setattr(socket, "getaddrinfo", never)
    (tmp_path / "feed.xml").write_text(rss(item("1", image_link="https://shop.test/a.jpg")))
    for how in ("--no-fetch", "--dry-run"):
        result = run("import", tmp_path / "feed.xml", "--data", tmp_path / "shop", how, "--json")
        assert result.exit_code == 0, result.output


def test_a_shop_of_furniture_is_talked_to_about_its_furniture(tmp_path: Path) -> None:
    rows = [
        {
            "id": "s",
            "title": "Oslo sofa",
            "price": "899 USD",
            "color": "Green",
            "product_type": "Furniture > Sofas",
        },
        {"id": "l", "title": "Arc floor lamp", "price": "149 USD", "product_type": "Lighting"},
        {"id": "t", "title": "Oak dining table", "price": "499 USD", "product_type": "Furniture > Tables"},
    ]
    (tmp_path / "feed.csv").write_text(table(rows))
    assert run("import", tmp_path / "feed.csv", "--data", tmp_path / "shop").exit_code == 0
    said = "".join(
        json.dumps({"text": t, "session": t}) + "\n"
        for t in ("a green sofa?", "a floor lamp", "show me furniture")
    )
    result = CliRunner().invoke(app, ["chat", "--json", "--data", str(tmp_path / "shop")], input=said)
    shown = [[i["id"] for i in e["items"]] for e in lines(result) if e["type"] == "products"]
    assert [ids[0] for ids in shown[:2]] == ["s", "l"]
    assert sorted(shown[2]) == ["s", "t"]


@pytest.mark.parametrize(
    ("titles", "prices", "given", "currency", "codes"),
    [
        (["Red dress", "Blue skirt"], ["5", "6"], [], "USD", ["currency_guessed"]),
        (["红色连衣裙", "蓝色半裙"], ["5", "6"], [], "CNY", ["currency_guessed"]),
        (["红色连衣裙", "蓝色半裙"], ["5", "6"], ["--currency", "HKD"], "HKD", []),
        (["Red dress", "Blue skirt"], ["5 EUR", "6"], [], "EUR", ["currency_guessed"]),
        (["Red dress", "Blue skirt"], ["$5", "$6"], [], "USD", ["currency_of_sign"]),
        (["Red dress", "Blue skirt"], ["$5", "6.00 CAD"], [], "CAD", ["currency_of_sign"]),
        (["Red dress", "Blue skirt"], ["$5", "$6"], ["--currency", "SGD"], "SGD", []),
        (["Red dress", "Blue skirt"], ["5 EUR", "€6"], [], "EUR", []),
    ],
)
def test_a_currency_that_the_feed_does_not_name_is_never_guessed_in_silence(
    tmp_path: Path, titles: list[str], prices: list[str], given: list[str], currency: str, codes: list[str]
) -> None:
    rows = [
        {"id": str(n), "title": t, "price": p} for n, (t, p) in enumerate(zip(titles, prices, strict=True))
    ]
    (tmp_path / "feed.csv").write_text(table(rows), encoding="utf-8")
    result = run("import", tmp_path / "feed.csv", "--data", tmp_path / "shop", "--json", *given)
    [told] = lines(result)
    assert ([w["code"] for w in told["warnings"]], told["new"]) == (codes, 2)
    back = lines(run("products", "--data", tmp_path / "shop"))
    assert {p["price"]["currency"] for p in back} == {currency}
    for warning in told["warnings"]:
        first = next(n for n, p in enumerate(prices) if p[-1].isdigit() and "CAD" not in p)
        assert (warning["line"], warning["id"], warning["field"]) == (first + 2, str(first), "price")
        assert "--currency" in warning["fix"] and currency in warning["reason"]
        assert "--currency CNY" in result.stderr


def test_a_price_of_our_own_shape_without_a_currency_is_in_the_shops(tmp_path: Path) -> None:
    rows = [{"id": i, "title": {"zh": "红裙"}, "category": "dress", "price": {"amount": "5"}} for i in "ab"]
    (tmp_path / "feed.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    [told] = lines(run("import", tmp_path / "feed.jsonl", "--data", tmp_path / "shop", "--json"))
    assert ([w["code"] for w in told["warnings"]], told["new"]) == (["currency_guessed"], 2)
    assert {p["price"]["currency"] for p in lines(run("products", "--data", tmp_path / "shop"))} == {"CNY"}
    [told] = lines(
        run("import", tmp_path / "feed.jsonl", "--data", tmp_path / "shop", "--json", "--currency", "TWD")
    )
    assert (told["changed"], told["warnings"]) == (2, [])


def test_of_several_colours_the_cart_says_which_one_it_holds(tmp_path: Path) -> None:
    """The pictured one, unless it is sold out in the size."""
    rows = [
        {"id": f"S-{color}-{size}", "item_group_id": "S", "title": "Linen shirt", "price": "40 USD", "color": color,
         "size": size, "image_link": f"{color}.png", "availability": stock, "link": "https://x.test",
         "product_type": "Shirts"}
        for color, size, stock in (
            ("navy", "M", "in_stock"), ("red", "M", "in_stock"), ("navy", "L", "out_of_stock"), ("red", "L", "in_stock")
        )
    ]  # fmt: skip
    for color in ("navy", "red"):
        Image.new("RGB", (200, 200), color).save(tmp_path / f"{color}.png")
    (tmp_path / "feed.csv").write_text(table(rows))
    assert run("import", tmp_path / "feed.csv", "--data", tmp_path / "shop", "--no-look").exit_code == 0
    talk = ("show me a linen shirt", "add the first one in M", "add the first one in L")
    said = "".join(json.dumps({"text": text, "session": "s"}) + "\n" for text in talk)
    result = CliRunner().invoke(app, ["chat", "--json", "--data", str(tmp_path / "shop")], input=said)
    carts = [e for e in lines(result) if e["type"] == "cart"]
    held = {line["size"]: line for line in carts[-1]["lines"]}
    assert {size: (x["color"], x["other_colors"]) for size, x in held.items()} == {
        "M": ("navy", ["red"]),
        "L": ("red", ["navy"]),
    }
    assert held["M"]["image"] != held["L"]["image"]
    spoken = "".join(e.get("text", "") for e in lines(result) if e["type"] in ("text", "token"))
    assert "in navy, size M" in spoken and "It is the red one; this also comes in navy" in spoken


def test_a_shop_without_rules_is_given_a_template_once(tmp_path: Path) -> None:
    feed, shop = tmp_path / "feed.csv", tmp_path / "shop"
    feed.write_text(table([{"id": "1", "title": "Oak table", "price": "9.00 USD"}]), encoding="utf-8")
    rules = shop / "policies.yaml"
    run("import", feed, "--data", shop, "--dry-run", "--no-look")
    assert not rules.exists()
    first = run("import", feed, "--data", shop, "--no-look")
    assert (
        first.exit_code == 0 and "policies.yaml" in first.stderr and "# topics:" in rules.read_text("utf-8")
    )
    assert "policies.yaml" not in run("import", feed, "--data", shop, "--no-look").stderr
    rules.write_text("topics: [", encoding="utf-8")
    broken = run("import", feed, "--data", shop, "--no-look")
    assert (
        broken.exit_code == 0
        and "cannot be read" in broken.stderr
        and rules.read_text("utf-8") == "topics: ["
    )
