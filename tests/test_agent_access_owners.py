"""Conversations that were begun through the API: those in which nothing was said do not stay for good."""

from pathlib import Path

from agent.access.owners import Owners
from agent.assistant import Assistant
from agent.settings import Settings
from agent.transcripts import Turn


def test_a_conversation_without_a_word_goes_when_its_time_is_over(tmp_path: Path) -> None:
    assistant = Assistant.open(Settings(data=tmp_path, model="offline"))
    try:
        for session in ("silent", "spoken", "fresh"):
            assistant.owners.add(session, None, "key")
        assistant.owners._file.change(
            lambda db: db.execute("UPDATE owners SET at = '2020-01-01 00:00:00' WHERE session != 'fresh'")
        )
        assistant.transcripts.begin("spoken", Turn(text="hi"))
        assistant.prune()
        assert not assistant.owners.owned("silent", None)
        assert assistant.owners.owned("spoken", None) and assistant.owners.owned("fresh", None)
    finally:
        assistant.close()


def test_who_holds_the_id_of_another_shopper_owns_nothing(tmp_path: Path) -> None:
    owners = Owners(tmp_path)
    owners.add("hers", "anna", "key")
    owners.add("nobodys", None, "key")
    assert owners.owned("hers", "anna") and not owners.owned("hers", "bob") and not owners.owned("hers", None)
    assert owners.owned("nobodys", "bob") and not owners.owned("unknown", None)
    assert owners.of("anna") == ["hers"] and owners.of("bob") == []
    owners.close()
