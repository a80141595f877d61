"""What is said of a shopper's photo beside the answer: which other garments it shows, and that it shows none."""

from collections.abc import Sequence

from agent.focus import named_together, tells_why, told_apart
from agent.planner.calls import Done
from agent.planner.meaning import Meaning
from agent.planner.phrases import Voice
from agent.planner.reply import Reply
from agent.planner.state import Pending, Picture, State

OFFERED = 2  # messages that ask for the like of a garment; the third place is for what else may come next


def nothing(picture: Picture, voice: Voice, reply: Reply) -> None:
    """A photo with nothing to wear: nothing is shown for it. Where it is hard to see, that is what is said."""
    told = tells_why(picture.caption, voice.lang)
    reply.sentences.append(picture.caption if told else voice.line("photo.nothing"))
    reply.suggestions += ["popular"] if told else ["read", "popular"]


def others_bare(meaning: Meaning, state: State, found: Done, voice: Voice, reply: Reply) -> None:
    """The photos sent beside the one searched by that show nothing to wear, which nothing else is said of."""
    if len(meaning.photos) < 2 or found.args.get("photo") not in meaning.photos:
        return
    bare = [n for n, p in enumerate(meaning.photos, 1) if (seen := state.picture(p)) and not seen.garments]
    if not bare:
        return
    if len(meaning.photos) == 2:
        reply.sentences.append(voice.line("photo.other_bare"))
    else:
        numbers = voice.join([str(n) for n in bare])
        reply.sentences.append(
            voice.line("photo.bare_one" if len(bare) == 1 else "photo.bare", numbers=numbers)
        )
    reply.suggestions.append("read")


def also_seen(meaning: Meaning, state: State, found: Done, voice: Voice, reply: Reply) -> None:
    """The garments of a photo just sent beside the one searched by, where the words meant none of them."""
    sent = meaning.photo and meaning.photo == found.args.get("photo")
    picture = state.picture(meaning.photo) if sent else None
    meant = meaning.said.get("category") or any(r.garment is not None for r in meaning.references)
    if picture is None or meant:
        return
    rest = [i for i in range(len(picture.garments)) if i != (found.args.get("garment") or 0)]
    if rest:
        garments = named_together([picture.garments[i] for i in rest], voice.lang)
        key = "photo.also" if len(rest) == 1 else "photo.also_several"
        reply.sentences.append(voice.line(key, garments=garments))
        reply.suggestions += _likes(picture, rest, voice)


def after_answer(photo: str, state: State, voice: Voice, reply: Reply) -> None:
    """What may come after an answer about a photo: a search by what it shows, if it shows anything to wear."""
    picture = state.picture(photo)
    if picture and not picture.garments:
        reply.suggestions += ["popular", "dresses", "sneakers"]
    elif picture and len(picture.garments) > 1:
        reply.steps.append(voice.line("photo.next_several"))
        reply.suggestions += [*_likes(picture, range(len(picture.garments)), voice), "outfit"]
    else:
        reply.steps.append(voice.line("photo.next"))
        reply.pending = Pending(intent="more_like", slot="yes")
        reply.suggestions += ["similar", "outfit"]


def _likes(picture: Picture, places: Sequence[int], voice: Voice) -> list[str]:
    """For each of these garments a message that asks for its like."""
    names = told_apart(picture.garments, voice.lang)
    return [voice.line("quick.like_garment", that=names[i]) for i in places][:OFFERED]
