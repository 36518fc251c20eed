"""What both clients are made with."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import Any

import certifi

PATIENCE_SECONDS = 30.0


def arguments(url: str, key: str | None, cafile: Path | None) -> dict[str, Any]:
    """Of an httpx client."""
    headers = {"Accept": "application/json", "User-Agent": "docbeam-client"}
    if key is not None:
        headers["Authorization"] = f"Bearer {key}"
    verify: ssl.SSLContext | bool = True
    if cafile is not None:
        verify = ssl.create_default_context(cafile=certifi.where())
        verify.load_verify_locations(cafile)
    # A redirect would carry the key to wherever it leads.
    return {"base_url": url.rstrip("/"), "headers": headers, "verify": verify, "follow_redirects": False}
