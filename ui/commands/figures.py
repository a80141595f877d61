"""Figures as a person reads them in a terminal: a line each, a share with its 95 % interval and its number."""

from collections.abc import Iterator
from typing import Any

LEFT_OUT = {"confusion", "bins", "items", "pictures", "confident_from", "least_overlap"}  # in the JSON alone
SHARES = ("value", "accuracy")  # what the interval beside them belongs to


def lines(values: dict[str, Any], name: str = "") -> Iterator[tuple[str, str, str, str]]:
    """(name, value, interval, number) of every figure, nested names joined with dots."""
    taken = set(LEFT_OUT)
    if "interval" in values:
        key = next(key for key in SHARES if key in values)
        low, high = values["interval"]
        yield (
            name if key == "value" else f"{name}.{key}",
            written(values[key]),
            f"{low:.3f}-{high:.3f}",
            str(values["n"]),
        )
        taken |= {key, "interval", "n"}
    for key, value in values.items():
        if key in taken:
            continue
        path = f"{name}.{key}" if name else key
        if isinstance(value, dict):
            yield from lines(value, path)
        elif isinstance(value, list):
            yield (
                path,
                ", ".join(" ".join(map(str, v.values())) if isinstance(v, dict) else str(v) for v in value),
                "",
                "",
            )
        else:
            yield path, written(value), "", ""


def written(value: Any) -> str:
    """Three digits of a share; a dash where there is no value."""
    if value is None:
        return "—"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def text(values: dict[str, Any]) -> str:
    """The figures, a line each, in columns; a sentence stands behind its name."""
    rows = list(lines(values))
    wide = max((len(name) for name, *_ in rows), default=0)
    return "\n".join(
        f"{name:<{wide}}  {value:>6}  {interval:<11}  {number:>5}".rstrip()
        for name, value, interval, number in rows
    )
