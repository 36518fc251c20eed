"""The store that a URL names."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote

from gateway.stores.contract import Store


class UnknownStore(ValueError):
    """The URL names no kind of store there is."""


def store_at(url: str) -> Store:
    """The store, not opened yet. Raises UnknownStore, without quoting the URL, which may hold a password."""
    scheme, separator, rest = url.partition("://")
    if not separator:
        raise UnknownStore("gateway.store is no URL; write sqlite:///PATH, mongodb://... or postgresql://...")
    if scheme == "sqlite":
        path = unquote(rest.removeprefix("/"))
        if not path:
            raise UnknownStore("gateway.store names no file; write sqlite:///PATH, with four slashes from the root")
        from gateway.stores.sqlite import SqliteStore

        return SqliteStore(Path(path))
    if scheme in ("postgresql", "postgres"):
        from gateway.stores.postgres import PostgresStore

        return PostgresStore(url)
    if scheme in ("mongodb", "mongodb+srv"):
        from gateway.stores.mongo import MongoStore

        return MongoStore(url)
    raise UnknownStore(f"gateway.store has the scheme {scheme!r}; known are sqlite, mongodb, postgresql")
