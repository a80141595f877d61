"""Where what belongs to people lies: conversations, carts, shoppers, keys. In the shop's data folder, or on the
PostgreSQL server that the settings name, in a schema of the shop's own."""

from pathlib import Path

from agent.errors import BadDatabase
from agent.settings import Settings
from store.tables import Server, Where


def where(settings: Settings, folder: Path | None = None) -> Where:
    """The place for the stores; `folder`: in the place of the data folder. Raises BadDatabase for an address that is
    none, or without the driver; a server that is away is no matter here."""
    if settings.database is None:
        return folder or settings.data
    address = settings.database.get_secret_value()
    try:
        from psycopg import ProgrammingError, conninfo
    except ImportError as error:
        raise BadDatabase(reason="pip install 'daogou[postgres]'") from error
    try:
        conninfo.conninfo_to_dict(address)
    except (ProgrammingError, UnicodeError):  # whose words would show a part of it
        raise BadDatabase(
            reason="postgresql://USER:PASSWORD@HOST:5432/DATABASE (percent-encode what is no letter or digit)"
        ) from None
    return Server(address, settings.database_schema)
