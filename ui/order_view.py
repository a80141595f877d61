"""Orders as the chat shows them: how far they are, what is in them, what is coming back."""

from prompts import say
from tools.results import Order, OrderCard, OrderLine, Policy, Returning
from ui.cards import THUMB, Url, esc, picture, policy, visible


def order(event: Order, lang: str, url: Url) -> str:
    """The order that was told of, or those to choose from; "" where nothing may be told."""
    if event.orders:
        return "".join(_card(one, event.returning, lang, url) for one in event.orders)
    rows = "".join(
        f"<li><b>{visible(one.number)}</b><span>{_words('placed_on', lang, day=one.placed_text)}</span>"
        f'<span class="dg-source">{visible(one.status_text)}</span></li>'
        for one in event.choices
    )
    title = _words("list", lang)
    return (
        f'<section class="dg-orders" lang="{esc(lang)}" aria-label="{title}"><ul>{rows}</ul></section>'
        if rows
        else ""
    )


def _card(shown: OrderCard, state: Returning | None, lang: str, url: Url) -> str:
    heading = _words("heading", lang, number=shown.number)
    lines = "".join(f"<li>{_line(line, lang, url)}</li>" for line in shown.lines)
    total = (
        f'<p class="dg-cart-sum"><span>{_words("total", lang)}</span><b>{esc(shown.total.text)}</b></p>'
        if shown.total
        else ""
    )
    return (
        f'<section class="dg-order" lang="{esc(lang)}" aria-label="{heading}">'
        f"<header><h3>{heading}</h3><span>{_words('placed_on', lang, day=shown.placed_text)}</span>"
        f'<span class="dg-source">{visible(shown.status_text)}</span></header>'
        f"{_steps(shown, lang)}{_facts(shown, lang)}"
        f'<ul class="dg-cart">{lines}</ul>{total}{_return(shown, state, lang)}</section>'
    )


def _steps(shown: OrderCard, lang: str) -> str:
    if not shown.steps:
        return ""
    at = max(n for n, step in enumerate(shown.steps) if step.done)
    steps = "".join(
        f"<li{' class=dg-done' if step.done else ''}{' aria-current=step' if n == at else ''}>{visible(step.text)}</li>"
        for n, step in enumerate(shown.steps)
    )
    return f'<ol class="dg-steps" aria-label="{_words("steps", lang)}">{steps}</ol>'


def _facts(shown: OrderCard, lang: str) -> str:
    known = [(key, getattr(shown, key)) for key in ("carrier", "tracking", "expected", "delivered")]
    told = "".join(f"<dt>{_words(key, lang)}</dt><dd>{visible(value)}</dd>" for key, value in known if value)
    return f"<dl>{told}</dl>" if told else ""


def _line(line: OrderLine, lang: str, url: Url) -> str:
    told = [_words("size", lang, size=line.size)] if line.size else []
    told += [f"×{line.quantity}"] if line.quantity > 1 else []
    told += [_words("returning", lang, id=line.returning)] if line.returning else []
    about = f"<small>{' · '.join(told)}</small>" if told else ""
    shown = (
        picture(line.image, say("ui", "card.picture", lang, name=line.name), url, wide=THUMB)
        if line.image
        else ""
    )
    price = f"<b>{esc(line.price.text)}</b>" if line.price else "<b></b>"
    return f'{shown}<span class="dg-cart-name">{visible(line.name)}{about}</span>{price}'


def _return(shown: OrderCard, state: Returning | None, lang: str) -> str:
    """The return that was made, and the rule that it, or a refusal, rests on."""
    if state is None:
        return ""
    made = ""
    if state.stage == "made" and state.id:
        names = "、" if lang == "zh" else ", "
        coming = names.join(line.name for line in shown.lines if line.place in state.lines)
        made = (
            f"<dl><dt>{_words('return_number', lang)}</dt><dd><b>{visible(state.id)}</b></dd>"
            f"<dt>{_words('returned_lines', lang)}</dt><dd>{visible(coming)}</dd></dl>"
        )
    quoted = ""
    if state.passage and state.stage in ("confirm", "made", "refused"):
        quoted = policy(Policy(topic="", title=state.title, passage=state.passage), lang)
    return made + quoted


def _words(key: str, lang: str, **values: object) -> str:
    return visible(say("orders", f"card.{key}", lang, **values))
