"""The gates: does what a door received, and the state it leaves, meet what the script expects? Never by wording."""

from collections.abc import Callable, Iterator
from typing import Any

from prompts import language
from ui.dialogs import gates_left, gates_shown, grounding, judges
from ui.dialogs import script as form
from ui.dialogs.observed import Conversation, Event, Failure, Observed, at, matches, tool_meant


def check(expect: form.Expect, talk: Conversation) -> list[Failure]:
    """Every gate of the newest turn that does not hold; captures what the turn is told to capture."""
    turn = talk.turns[-1]
    return [*invariants(expect, turn, talk), *judges.grounded(expect, turn, talk), *_asked(expect, talk)]


def _asked(expect: form.Expect, talk: Conversation) -> list[Failure]:
    """What `expect` asks for beyond what holds always; its captures are made."""
    turn = talk.turns[-1]
    failures = [f for gate in GATES for f in gate(expect, turn, talk)]
    if expect.any_of:
        branches = []
        for branch in expect.any_of:  # the first that holds; its captures count
            branches.append(_branch(branch, talk))
            if not branches[-1]:
                break
        else:
            tried = " | ".join("; ".join(f.message for f in branch) for branch in branches)
            failures.append(Failure("any_of", f"no branch holds: {tried}"))
    for branch in expect.all_of:
        failures += [Failure("all_of", f"{f.gate}: {f.message}") for f in _branch(branch, talk)]
    if expect.not_ and not _branch(expect.not_, talk):
        failures.append(Failure("not", f"this holds: {expect.not_.model_dump(exclude_defaults=True)}"))
    for name, path in expect.capture.items():
        try:
            talk.captured[name] = at(path, turn)
        except (KeyError, IndexError, TypeError, form.ScriptError) as exc:
            failures.append(Failure("capture", f"{path} is not in this turn ({exc})"))
    return failures


def _branch(expect: form.Expect, talk: Conversation) -> list[Failure]:
    """One branch; what holds always was checked already, the judges look again only where they are named."""
    named = judges.grounded(expect, talk.turns[-1], talk) if "grounding" in expect.model_fields_set else ()
    return [*named, *_asked(expect, talk)]


# -- always --


def invariants(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    """What holds for every turn of every script: its frame, no unexpected error, cards that are the record, a reply in
    the language of the turn that shows nothing of how it was made and says nothing that a hostile record wants said."""
    types = [e["type"] for e in turn.events]
    if types[:1] != ["turn_started"] or types[-1:] != ["done"] or types.count("done") != 1:
        yield Failure("frame", f"a turn is turn_started … done, this one is {' '.join(types) or 'empty'}")
    expected = [expect.error] if isinstance(expect.error, str) else expect.error or []
    for error in turn.of("error"):
        if error["code"] not in expected:
            yield Failure("error", f"{error['code']}: {error['message']}")
    if expected and not any(e["code"] in expected for e in turn.of("error")):
        yield Failure("error", f"no error {' or '.join(expected)}")
    spoken = "".join(e["text"] for e in turn.of("token"))
    if not turn.reply.strip():
        yield Failure("frame", "no reply")
    elif spoken.strip() != turn.reply.strip() and not (not spoken and turn.of("error")):
        yield Failure("frame", "the tokens, joined, are not the text of `done`")
    yield from gates_shown.facts(turn, talk)
    bare = grounding.without_names(turn.reply, talk.titles)
    if (spoken_in := language.detect(bare, default=turn.language)) != turn.language:
        yield Failure("language", f"the turn is {turn.language}, its reply {spoken_in}: {turn.reply!r}")
    if found := grounding.leaks(turn.reply, talk.tools):
        yield Failure("clean", f"{found!r} is nothing to say to a shopper: {turn.reply!r}")
    yield from _canaries(turn, talk)


def _canaries(turn: Observed, talk: Conversation) -> Iterator[Failure]:
    said = " ".join(talk.messages()).casefold()
    told = [turn.reply, *(s for e in turn.of("suggestions") for s in e["items"])]
    asked = [str(call["args"]) for call in turn.of("thinking")]
    for canary in talk.canaries:
        if canary.casefold() not in said and any(canary.casefold() in t.casefold() for t in told + asked):
            yield Failure("canary", f"{canary!r} of a hostile record is repeated: {turn.reply!r}")


# -- the gates of `expect` --


def tools(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if not expect.tools:
        return
    calls = turn.of("thinking")
    names = ", ".join(f"{c['tool']}" for c in calls) or "nothing"
    for use in expect.tools.called:
        if not _used(use, calls, talk):
            yield Failure("tools", f"{_tool(use, talk)} was not called ({names} was)")
    for use in expect.tools.not_called:
        if _used(use, calls, talk):
            yield Failure("tools", f"{_tool(use, talk)} was called")
    if expect.tools.any and not any(_used(use, calls, talk) for use in expect.tools.any):
        yield Failure(
            "tools", f"none of {[_tool(u, talk) for u in expect.tools.any]} was called ({names} was)"
        )


def _tool(use: str | form.ToolUse, talk: Conversation) -> tuple[str, dict[str, Any]]:
    name, args = tool_meant(use, talk.tools)
    if name not in talk.tools:
        raise form.ScriptError(f"there is no tool {name}; there are {', '.join(talk.tools)}")
    return name, talk.resolve(args)


def _used(use: str | form.ToolUse, calls: list[Event], talk: Conversation) -> bool:
    name, args = _tool(use, talk)
    return any(c["tool"] == name and matches(args, c["args"]) for c in calls)


def answer(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if not (wanted := expect.answer):
        return
    answers = turn.of("answer")
    if not answers:
        yield Failure("answer", "no answer event")
        return
    got = answers[-1]
    pattern = talk.resolve(wanted.model_dump(include={"about", "value"}, exclude_none=True))
    if not matches(pattern, got):
        yield Failure("answer", f"{ {key: got.get(key) for key in pattern} }, not {pattern}")
    sources = [wanted.source] if isinstance(wanted.source, str) else wanted.source
    if sources and got["source"] not in sources:
        yield Failure("answer", f"source is {got['source']}, not {' or '.join(sources)}")
    low, high = wanted.min_confidence, wanted.max_confidence
    if (low is not None and got["confidence"] < low) or (high is not None and got["confidence"] > high):
        yield Failure("answer", f"confidence is {got['confidence']}")


def policy(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if expect.policy:
        topics = [e["topic"] for e in turn.of("policy")]
        wanted = [expect.policy] if isinstance(expect.policy, str) else expect.policy
        if not set(wanted) & set(topics):
            yield Failure("policy", f"topics are {topics}, not {' or '.join(wanted)}")


def reply(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    if not (wanted := expect.reply):
        return
    topics = [wanted.asks] if isinstance(wanted.asks, str) else wanted.asks or []
    if topics and not any(grounding.asks(turn.reply, turn.events, topic) for topic in topics):
        yield Failure("reply.asks", f"asks for no {' or '.join(topics)}: {turn.reply!r}")
    kept = [wanted.not_asks] if isinstance(wanted.not_asks, str) else wanted.not_asks or []
    for topic in kept:
        if grounding.asks(turn.reply, turn.events, topic):
            yield Failure("reply.not_asks", f"asks for {topic}: {turn.reply!r}")
    if lang := form.localised(wanted.language, turn.lang):
        spoken = language.detect(turn.reply, default=lang)
        if spoken != lang:
            yield Failure("reply.language", f"the reply is {spoken}: {turn.reply!r}")
    if wanted.max_chars and len(turn.reply) > wanted.max_chars:
        yield Failure("reply.max_chars", f"the reply has {len(turn.reply)} characters")


def events(expect: form.Expect, turn: Observed, talk: Conversation) -> Iterator[Failure]:
    for pattern in expect.events:
        if not any(matches(_event(pattern, talk), event) for event in turn.events):
            yield Failure("events", f"no event {pattern}")
    for pattern in expect.no_events:
        if any(matches(_event(pattern, talk), event) for event in turn.events):
            yield Failure("no_events", f"there is an event {pattern}")


def _event(pattern: str | dict[str, Any], talk: Conversation) -> Any:
    return {"type": pattern} if isinstance(pattern, str) else talk.resolve(pattern)


GATES: tuple[Callable[[form.Expect, Observed, Conversation], Iterator[Failure]], ...] = (
    tools, gates_shown.products, gates_shown.looked, gates_shown.outfit, gates_shown.comparison, answer, policy,
    gates_left.state, reply, events,
)  # fmt: skip
