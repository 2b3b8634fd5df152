"""What the writes of a commit put off, and what they leave at hand for the next ones.

Rules that hold here:

1. Writes that share a commit are done in haste first: rows are added and changed at its end, those of all writes at
   once, and what would only come out there is not asked before. When anything is wrong in the end all is undone and
   done again, not in haste: then each statement is done at its place, nothing is remembered, and who errs is told so.
2. So it is enough that what is wrong does come out: as a row that is there twice, or as a version that is taken.
"""

from collections.abc import Callable, Hashable, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

PUT_OFF = "havre.put_off"
MOST_RECENT = 2000
"""Rows that are kept at hand."""
Flush = Callable[[Connection, list[Any]], None]


class _Wrong(Exception):
    """What was put off did not change the rows that it should have changed."""


class PutOff:
    """What the writes of a commit have put off, to be done at its end; or nothing, when all is done ``at_once``.

    ``recent`` are the rows that were remembered in the commits before.
    """

    def __init__(self, recent: dict[Hashable, Any], at_once: bool) -> None:
        self.at_once = at_once
        self.used = False
        self.rows: dict[Hashable, Any] = {}
        self._recent = recent
        self._waiting: dict[sa.Executable | Flush, list[Any]] = {}

    def add(self, what: sa.Executable | Flush, item: Any) -> None:
        self.used = True
        self._waiting.setdefault(what, []).append(item)

    def taken(self) -> list[tuple[sa.Executable | Flush, list[Any]]]:
        waiting, self._waiting = self._waiting, {}
        return list(waiting.items())

    def find(self, key: Hashable) -> Any:
        self.used = True
        return self.rows[key] if key in self.rows else self._recent.get(key)

    def end(self, committed: bool) -> None:
        """The connection goes on to others, who must not find anything; what was committed stays at hand."""
        for key in self.rows:
            self._recent.pop(key, None)
        if committed and not self.at_once:
            self._recent.update(self.rows)
            while len(self._recent) > MOST_RECENT:
                del self._recent[next(iter(self._recent))]
        self.at_once = True


def later(conn: Connection, statement: sa.Executable, values: Mapping[str, Any]) -> bool:
    """Add or change one row, at the end of this commit: with what its other writes do by the same ``statement``.

    Whether it was one row. Put off, it says that it was; where that is wrong, or the statement fails, all writes of the
    commit are undone and done again, each statement at its place: who errs is told so there. What was put off is not
    read from the database, but by ``remembered`` or after ``catch_up``.
    """
    put_off = _put_off(conn)
    if put_off.at_once:
        return _one_row(statement, conn.execute(statement, dict(values)))
    put_off.add(statement, values)
    return True


def all_later(conn: Connection, flush: Flush, item: Any) -> None:
    """As ``later``, for what takes more than a statement: ``flush`` is called with the items of several writes."""
    put_off = _put_off(conn)
    if put_off.at_once:
        flush(conn, [item])
    else:
        put_off.add(flush, item)


def catch_up(conn: Connection) -> None:
    """Do now what was put off, for somebody who has to see it."""
    for what, items in _put_off(conn).taken():
        if not isinstance(what, sa.Executable):
            what(conn, items)
        elif conn.execute(what, items).rowcount != len(items) and isinstance(what, sa.Update):
            raise _Wrong(str(what))


def in_haste(conn: Connection) -> bool:
    """Whether what is wrong comes out at the end of this commit, as a row that is there twice or a version too old.

    A question that asks only for that need not be asked: when it is wrong, all is done again, and not in haste.
    """
    put_off: PutOff | None = conn.info.get(PUT_OFF)
    return put_off is not None and not put_off.at_once


def remember(conn: Connection, key: Hashable, row: Any) -> None:
    """Keep a row that is written at hand, under ``key``, for this commit and those that follow soon."""
    _put_off(conn).rows[key] = row


def remembered(conn: Connection, key: Hashable) -> Any:
    """A row as this process has written it last; None when it is to be looked for in the database.

    Another process may have changed it since: who changes it in turn finds its version taken, all is done again, and
    not in haste, when nothing is remembered.
    """
    return _put_off(conn).find(key) if in_haste(conn) else None


def _put_off(conn: Connection) -> PutOff:
    put_off: PutOff = conn.info[PUT_OFF]
    return put_off


def _one_row(statement: sa.Executable, result: sa.CursorResult[Any]) -> bool:
    return result.rowcount == 1 or not isinstance(statement, sa.Update)  # of rows that are added it is not told
