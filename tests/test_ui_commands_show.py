"""What a terminal is sent: names, replies and messages from strangers, none of which it takes for an order."""

import io
from typing import Any

import pytest
from fake_shop import card
from rich.console import Console

from tools.results import Cart, CartLine, Comparison, ComparisonRow, LookOutfit, Outfit, Products
from ui.commands import door, show

HOSTILE = [
    "\x1b[2J\x1b[31mRed\x1b[0m \x1b]0;title\x07coat\x9b5A",
    "\u202e99.9$ taoc\u202c \u2066x\u2069",
    "[bold]not bold[/] [link=http://x]y[/link] trailing \\",
    "a\rb\x08c\x00d\x7f",
    "z" + "\u0301" * 500,
    "half \ud83d",
]
ORDERS = {chr(c) for c in (*range(32), 127, *range(0x80, 0xA0))} - {"\n"} | set(
    "\u202a\u202b\u202d\u202e\u2066\u2067\u2068"
)


def screen(monkeypatch: pytest.MonkeyPatch) -> tuple[show.Screen, io.StringIO]:
    """A screen that thinks it is a terminal without colours, and what it was sent."""
    sent = io.StringIO()
    made = Console(file=sent, force_terminal=True, color_system=None, width=100, highlight=False)
    monkeypatch.setattr(show, "console", lambda *_: made)
    return show.Screen("en"), sent


def events(text: str) -> list[dict[str, Any]]:
    shown = card(0, name=text, brand=text, why=text, id=text, attributes={text: text})
    shown = shown.model_copy(update={"sizes": [s.model_copy(update={"size": text}) for s in shown.sizes]})
    line = CartLine(id=text, name=text, size=text, quantity=1, price=shown.price)
    look = LookOutfit(items=[shown], total=shown.price, score=0.5, reasons=[text])
    results = [
        Products(items=[shown], total=1),
        Outfit(looks=[look]),
        Comparison(items=[shown], rows=[ComparisonRow(label=text, values=[text])]),
        Cart(lines=[line], total=shown.price, choices=[text]),
    ]
    told: list[dict[str, Any]] = [
        {"type": "looked", "look": {"garments": [1], "text": text}, "card": {"Text": text}},
        {"type": "token", "text": text},
        {"type": "suggestions", "items": [text]},
        {"type": "error", "code": "x", "message": text},
        {"type": "done", "text": text},
    ]
    return [*(r.model_dump(mode="json") for r in results), *told]


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_shown_moves_the_cursor_or_turns_the_line(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    out, sent = screen(monkeypatch)
    for event in events(text):
        out.event(event)
    shown = sent.getvalue()
    assert not set(shown) & ORDERS, sorted(set(shown) & ORDERS)
    assert "\u0301" * 6 not in shown
    shown.encode("utf-8")


def test_marks_of_rich_are_shown_as_they_are(monkeypatch: pytest.MonkeyPatch) -> None:
    out, sent = screen(monkeypatch)
    out.event({"type": "suggestions", "items": [HOSTILE[2]]})
    assert "[bold]not bold[/]" in sent.getvalue() and "trailing \\" in sent.getvalue()


def test_a_price_after_a_name_from_right_to_left_keeps_its_place(monkeypatch: pytest.MonkeyPatch) -> None:
    out, sent = screen(monkeypatch)
    for piece in ("The “שמלה ", "ארוכה”, ", "$39.99 ", "and “coat”, ", "$5 "):
        out.event({"type": "token", "text": piece})
    assert "ארוכה”, \u200e$39.99 and “coat”, $5" in sent.getvalue()


def test_json_for_a_screen_says_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    import json

    for text in HOSTILE:
        door.emit({"name": text})
        out = capsys.readouterr().out
        assert json.loads(out) == {"name": text} and not set(out) & ORDERS
