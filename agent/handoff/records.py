"""What the doors get from the desk's stores: an entry of the queue, a line of the audit log, what cannot be written."""

from store.audit import Line
from store.errors import NotKept
from store.handoffs import Entry

__all__ = ["Entry", "Line", "NotKept"]
