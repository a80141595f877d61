"""When people answer: "Mon-Fri 09:00-18:00, Sat 10:00-14:00" in a time zone. Nothing stands for always."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from prompts import load

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_SPAN = re.compile(
    r"(?:(?P<first>[a-z]{3})(?:\s*-\s*(?P<last>[a-z]{3}))?|daily)\s+(?P<from>\d{1,2}:\d\d)\s*-\s*(?P<to>\d{1,2}:\d\d)"
)


class BadHours(ValueError):
    """The hours are not written as above."""


@dataclass(frozen=True)
class Span:
    """From a time of a day (0 is Monday) on, for so many minutes."""

    day: int
    start: time
    minutes: int


@dataclass(frozen=True)
class Hours:
    """The spans of a week in which people answer; none: always."""

    spans: tuple[Span, ...]
    zone: ZoneInfo

    @classmethod
    def read(cls, text: str, zone: str) -> "Hours":
        """Raises BadHours; ZoneInfoNotFoundError (a KeyError) or ValueError for a zone that there is not."""
        spans: list[Span] = []
        for part in filter(None, re.split(r"\s*[,;]\s*", text.strip().lower())):
            found = _SPAN.fullmatch(part)
            if not found:
                raise BadHours(part)
            try:
                start, end = (time.fromisoformat(found[g].rjust(5, "0")) for g in ("from", "to"))
                first = DAYS.index(found["first"]) if found["first"] else 0
                last = DAYS.index(found["last"]) if found["last"] else first if found["first"] else 6
            except ValueError as error:
                raise BadHours(part) from error
            minutes = (end.hour - start.hour) * 60 + end.minute - start.minute
            minutes += 24 * 60 if minutes <= 0 else 0  # past midnight; "00:00-00:00" is the whole day
            days = range(first, last + 1) if first <= last else [*range(first, 7), *range(last + 1)]
            spans += [Span(day, start, minutes) for day in days]
        return cls(tuple(spans), ZoneInfo(zone))

    def opens(self, now: datetime | None = None) -> datetime | None:
        """When somebody is there next, in the shop's time; None while somebody is there now."""
        here = (now or datetime.now(UTC)).astimezone(self.zone)
        starts: list[datetime] = []
        for span in self.spans:
            for shift in range(-1, 8):
                date = (here + timedelta(days=shift)).date()
                if date.weekday() != span.day:
                    continue
                start = datetime.combine(date, span.start, self.zone)
                if start <= here < start + timedelta(minutes=span.minutes):
                    return None
                starts.append(start)
        return min((s for s in starts if s > here), default=None)


def worded(moment: datetime, lang: str, now: datetime | None = None) -> str:
    """A moment as it is said to a shopper: "Tuesday 09:00 (Asia/Shanghai)"."""
    day = load("handoff")["days"][lang][moment.weekday()]
    return f"{day} {moment:%H:%M} ({moment.tzinfo})"
