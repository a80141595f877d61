"""What the widget needs of the server: the script itself, how a conversation may begin, the page's own cart."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from api_shop import PAGE, PATH, Door, door
from starlette.applications import Starlette
from starlette.testclient import TestClient

from agent.access.keys import OWN
from agent.assistant import Assistant
from prompts import LANGUAGES, load
from ui import widget
from ui.widget import lean

KB20 = 20_000


@pytest.fixture(scope="module")
def api(assistant: Assistant, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Door]:
    made = door(assistant, tmp_path_factory.mktemp("keys"))
    yield made
    made.shops.keys.close()


# -- the script


def test_the_script_is_small_and_kept_until_it_changes() -> None:
    client = TestClient(Starlette(routes=widget.ROUTES))
    answer = client.get("/widget.js")
    assert answer.headers["content-type"].startswith("text/javascript")
    assert (
        answer.headers["content-encoding"] == "gzip" and answer.headers["access-control-allow-origin"] == "*"
    )
    assert int(answer.headers["content-length"]) < KB20
    assert "max-age" in answer.headers["cache-control"]
    tag = answer.headers["etag"]
    assert client.get("/widget.js", headers={"If-None-Match": f'"old", W/{tag}'}).status_code == 304
    assert client.get("/widget.js", headers={"If-None-Match": '"old"'}).status_code == 200
    plain = client.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert plain.content == answer.content == gzip.decompress(widget.packed())
    assert plain.headers["etag"] != tag, "what is packed is another thing to a cache"


def test_the_script_makes_no_markup_of_what_is_said() -> None:
    code = widget.script().decode()
    for danger in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "new Function",
        "srcdoc",
    ):
        assert danger not in code, danger


def test_every_word_of_the_script_is_there_in_both_languages() -> None:
    code = widget.script().decode()
    words = load("widget")
    used = set(re.findall(r'say\("(\w+)"[,)]', code)) | set(re.findall(r'say\([^"()]*\?"(\w+)"', code))
    assert len(used) > 60 and used <= set(words), used - set(words)
    for name, text in words.items():
        entries = text.values() if "zh" not in text else [text]
        for entry in entries:
            assert all(entry.get(lang) for lang in LANGUAGES), name
            holes = [set(re.findall(r"\{\w+\}", entry[lang])) for lang in LANGUAGES]
            assert holes[0] == holes[1], name


@pytest.mark.parametrize(
    ("code", "short"),
    [
        ("const a = 1; // one\n  let b  =  a + +a;", "const a=1;let b=a+ +a;"),
        ('say("a  //  b") /* c */ ;', 'say("a  //  b");'),
        ("x = `a  ${ b }\n  c`;\n", "x=`a  ${ b }\n  c`;"),
        ("t = s.replace(/ \\/ [/ ]\"/g, 'x');", "t=s.replace(/ \\/ [/ ]\"/g,'x');"),
        ("return a / b / c", "return a/b/c"),
        ("a\nb\n{\n c\n}\n", "a\nb\n{c}\n"),
        ("a = b\n(c)", "a=b\n(c)"),
    ],
)
def test_only_what_means_nothing_is_left_out_of_a_script(code: str, short: str) -> None:
    assert lean.script(code) == short


def test_a_script_that_cannot_be_read_is_not_made_smaller() -> None:
    with pytest.raises(ValueError, match="template"):
        lean.script("a = `${b ? ` (${c})` : ''}`;")


def test_only_what_means_nothing_is_left_out_of_a_style() -> None:
    code = "/* a */ .a > .b:hover ,\n .c { margin: 0 auto ; width: calc(100% - 2px); }\n"
    code += "@media (min-width: 1px) { a { b: c } }"
    assert (
        lean.style(code)
        == ".a>.b:hover,.c{margin:0 auto;width:calc(100% - 2px)}@media (min-width:1px){a{b:c}}"
    )


def test_the_guide_to_embedding_names_what_there_is() -> None:
    guide = (Path(__file__).parents[1] / "docs" / "embedding.md").read_text(encoding="utf-8")
    parts = "".join(p.read_text(encoding="utf-8") for p in sorted((widget.HERE / "parts").glob("*.js")))
    told = set(re.findall(r"`data-([a-z-]+)", guide))
    camel = {name: re.sub(r"-(.)", lambda m: m.group(1).upper(), name) for name in told}
    for name, used in camel.items():
        assert re.search(rf'given\.{used}\b|"{used}" in given|"{used}"', parts), name
    given = set(re.findall(r"given\.(\w+)", parts))
    assert given <= set(camel.values()), given - set(camel.values())
    heard = set(re.findall(r"daogou:([a-z-]+)", guide))
    assert heard == set(re.findall(r'tell\("([a-z-]+)"', parts))
    calls = set(re.findall(r"guide\.(\w+)\(", guide)) - {"shop"}
    assert calls and all(
        re.search(rf"^  (async )?{name}\b|^  {name}:", parts, re.MULTILINE) for name in calls
    ), calls
    properties = set(re.findall(r"--daogou-([a-z-]+):", guide))
    style = (widget.HERE / "widget.css").read_text(encoding="utf-8")
    assert properties and all(f"var(--daogou-{name}" in style for name in properties)


# -- how a conversation may begin


def test_a_page_is_told_how_to_begin_without_asking_leave(api: Door) -> None:
    token = api.public["Authorization"].removeprefix("Bearer ")
    before = len(api.shops.open().owners.of("nobody"))
    answer = api.client.get(
        f"{PATH}/start", params={"key": token, "language": "zh"}, headers={"Origin": PAGE}
    )
    assert answer.status_code == 200 and answer.headers["access-control-allow-origin"] == PAGE
    told = answer.json()
    assert "想找点什么" in told["greeting"] and len(told["starters"]) >= 2 and told["product"] is None
    assert told["max_photos"] == 6 and told["pictures"] == ""
    assert len(api.shops.open().owners.of("nobody")) == before
    about = api.client.get(
        f"{PATH}/start", params={"key": token, "language": "en", "product": "D0001"}, headers={"Origin": PAGE}
    ).json()
    assert about["product"] == {"id": "D0001", "name": "White crew-neck cotton T-shirt"}
    assert about["starters"][0] == "Which size should I take?"
    gone = api.client.get(
        f"{PATH}/start", params={"key": token, "product": "nope"}, headers={"Origin": PAGE}
    ).json()
    assert gone["product"] is None and gone["starters"]


def test_a_page_that_may_not_use_the_key_can_read_why_and_nothing_else(api: Door) -> None:
    token = api.public["Authorization"].removeprefix("Bearer ")
    for key, page, status, code in (
        (token, "https://evil.example", 403, "foreign_origin"),
        ("pk_none", PAGE, 401, "bad_key"),
        ("", PAGE, 401, "no_key"),
        (api.secret["Authorization"].removeprefix("Bearer "), PAGE, 403, "secret_in_browser"),
    ):
        answer = api.client.get(f"{PATH}/start", params={"key": key}, headers={"Origin": page})
        assert (answer.status_code, answer.json()["code"]) == (status, code)
        assert answer.headers["access-control-allow-origin"] == page
    headers = {"Authorization": f"Bearer {token}", "Origin": "https://evil.example"}
    assert "access-control-allow-origin" not in api.client.post(f"{PATH}/sessions", headers=headers).headers


# -- pages of the server itself


def test_a_key_of_the_servers_own_pages_opens_nothing_elsewhere(api: Door) -> None:
    key = api.shops.keys.make("publishable", origins=[OWN])
    own = {"Authorization": f"Bearer {key.token}"}

    def asked(**headers: str) -> int:
        return api.client.get(
            f"{PATH}/products", headers=own | {k.replace("_", "-"): v for k, v in headers.items()}
        ).status_code

    assert asked(Origin="http://testserver") == 200
    assert asked(Origin="https://shop.example", Sec_Fetch_Site="same-origin") == 200, (
        "behind a proxy that ends TLS"
    )
    assert asked(Sec_Fetch_Site="same-origin") == 200
    assert asked(Referer="http://testserver/store?x") == 200, "plain http: neither Origin nor Sec-Fetch-Site"
    assert asked() == 403
    assert asked(Referer="http://evil.example/") == 403
    assert asked(Origin="http://evil.example") == 403
    assert asked(Origin="http://evil.example", Sec_Fetch_Site="cross-site") == 403
    assert asked(Origin="http://testserver", Host="other.example") == 403
    assert asked(Origin=OWN) == 403


# -- the page's own cart


def test_the_cart_becomes_what_the_page_says(api: Door) -> None:
    session = api.begin()
    lines = [
        {"product": "D0001", "size": "m", "quantity": 2},
        {"product": "D0001", "size": "M", "quantity": 1},
        {"product": "D0001", "size": "L"},
        {"product": "nope"},
        {"product": "D0002", "size": "S", "quantity": 99},
    ]
    url = f"{PATH}/sessions/{session}/cart"
    told = api.client.put(url, json={"lines": lines}, headers=api.secret).json()
    held = {(line["id"], line["size"]): line["quantity"] for line in told["cart"]["lines"]}
    left = held.pop(("D0002", "S"))
    assert held == {("D0001", "M"): 3} and 0 < left < 99
    missed = [(m["product"], m["problem"]) for m in told["missed"]]
    assert missed == [("D0001", "out_of_stock"), ("nope", "unknown_product"), ("D0002", "too_many")]
    assert told["missed"][2]["left"] == left
    again = api.client.put(url, json={"lines": lines}, headers=api.secret).json()
    assert again["cart"]["lines"] == told["cart"]["lines"], "the same again is the same"
    assert api.client.put(url, json={"lines": []}, headers=api.secret).json()["cart"]["lines"] == []
    assert api.client.put(url, json={"lines": lines * 30}, headers=api.secret).status_code == 422
    assert (
        api.client.put(f"{PATH}/sessions/{'0' * 24}/cart", json={"lines": []}, headers=api.secret).status_code
        == 404
    )
