"""`docbeam gateway`: the front door over HTTP, and its keys."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

import click

from docbeam.exit_codes import Failed, NotReady, WrongUse
from docbeam.invocation import Invocation, pass_invocation
from docbeam.output import Output, output_option, print_rows

if TYPE_CHECKING:
    from config.settings import Settings
    from gateway.access.api_keys import ApiKey
    from gateway.stores.contract import Store

T = TypeVar("T")
_SCOPES = ("send", "receive", "upload", "review", "all")
_KEY_COLUMNS = ("key_id", "client_id", "scopes", "state", "created_at", "expires_at", "allow", "note")


@click.group(invoke_without_command=True)
@click.option("--host", help="Address to listen on. Default: the setting gateway.host.")
@click.option("--port", type=click.IntRange(0, 65535), help="Default: the setting gateway.port; 0 takes a free one.")
@click.pass_context
def gateway(context: click.Context, host: str | None, port: int | None) -> None:
    """Serve send and receive over HTTP until SIGTERM or Ctrl-C, or (with a command) manage its keys.

    Writes JSON logs to stderr. What it took on is on Kafka, or is sent by the next gateway.
    """
    if context.invoked_subcommand is None:
        _serve(context.ensure_object(Invocation), host, port)


def _serve(invocation: Invocation, host: str | None, port: int | None) -> None:
    from config.load import load_settings
    from gateway.json_logs import log_as_json
    from gateway.serving import serve

    flags = [
        *(f"gateway.{name}={value}" for name, value in (("host", host), ("port", port)) if value is not None),
    ]
    settings = load_settings((*invocation.flags, *flags), file=invocation.config).settings
    levels = {-1: logging.ERROR, 0: logging.INFO, 1: logging.INFO}
    log_as_json(levels.get(invocation.verbosity, logging.DEBUG))
    if not settings.documents.allow:
        invocation.say("warning: documents.allow is empty, so every location is refused as location_forbidden")
    _with_store(settings, lambda store: store.ping())
    try:
        serve(settings, lambda address: click.echo(f"docbeam gateway: {address}"))
    except OSError as error:
        raise NotReady(f"cannot listen on {settings.gateway.host}:{settings.gateway.port}: {error.strerror}") from None


@gateway.group()
def key() -> None:
    """Make, list, rotate or revoke API keys."""


@key.command()
@click.option("--client", "client_id", required=True, help="Whose key it is; all its keys see the same requests.")
@click.option(
    "--scope", "scopes", multiple=True, type=click.Choice(_SCOPES), default=("send", "receive"), show_default=True,
    help="What it may do. Repeatable; `all` sees every client's requests.",
)  # fmt: skip
@click.option("--allow", multiple=True, metavar="PREFIX", help="Locations it may send, within documents.allow.")
@click.option("--days", type=click.IntRange(min=1), help="Until it expires. Default: never.")
@click.option("--per-minute", type=click.IntRange(min=1), help="Calls. Default: gateway.requests_per_minute.")
@click.option("--per-day", type=click.IntRange(min=1), help="Requests sent. Default: gateway.requests_per_day.")
@click.option("--note", default="", help="For people.")
@pass_invocation
def create(
    invocation: Invocation,
    client_id: str,
    scopes: tuple[str, ...],
    allow: tuple[str, ...],
    days: int | None,
    per_minute: int | None,
    per_day: int | None,
    note: str,
) -> None:
    """Make a key and print it: this once, since only its hash is kept."""
    from documents.allow_list import parse_allow_list
    from gateway.access.api_keys import Scope, new_key
    from gateway.clock import now_micros

    now = now_micros()
    try:
        made, text = new_key(client_id, tuple(Scope(scope) for scope in scopes), now)
        parse_allow_list(allow)
    except ValueError as error:
        raise WrongUse(str(error).replace("documents.allow", "--allow")) from None
    made = replace(
        made, allow=allow, requests_per_minute=per_minute, requests_per_day=per_day, note=note,
        expires_at=None if days is None else now + _micros(timedelta(days=days)),
    )  # fmt: skip
    _with_store(invocation.settings, lambda store: store.put_key(made))
    invocation.say(f"key {made.key_id} of {client_id}; it is shown this once")
    click.echo(text)


@key.command(name="list")
@output_option()
@pass_invocation
def list_keys(invocation: Invocation, output: Output) -> None:
    """List the keys; what they are is not known any more."""
    from gateway.clock import now_micros

    found = _with_store(invocation.settings, lambda store: store.keys())
    now = now_micros()
    print_rows([_row(each, now) for each in found], output, _KEY_COLUMNS)


@key.command()
@click.argument("key_id")
@click.option("--overlap-hours", type=click.FloatRange(min=0), default=24.0, show_default=True)
@click.option("--days", type=click.IntRange(min=1), help="Until the new one expires. Default: as long as the old one.")
@pass_invocation
def rotate(invocation: Invocation, key_id: str, overlap_hours: float, days: int | None) -> None:
    """Make a key with the same rights, for as long as the old one was made for, and print it.

    The old one still works for some hours.
    """
    from gateway.access.api_keys import successor
    from gateway.clock import moment, now_micros

    async def work(store: Store) -> tuple[ApiKey, str]:
        known = await _known(store, key_id)
        now = now_micros()
        if not known.valid_at(now):
            raise Failed(f"key {key_id} is no longer valid; make a new one")
        fresh, text = successor(known, now, None if days is None else now + _micros(timedelta(days=days)))
        await store.put_key(fresh)
        ends = now + _micros(timedelta(hours=overlap_hours))
        await store.put_key(replace(known, expires_at=min(known.expires_at or ends, ends)))
        return fresh, text

    fresh, text = _with_store(invocation.settings, work)
    until = "" if fresh.expires_at is None else f" until {moment(fresh.expires_at):%Y-%m-%d}"
    invocation.say(f"key {fresh.key_id} of {fresh.client_id}{until}; {key_id} ends in {overlap_hours:g} h")
    click.echo(text)


@key.command()
@click.argument("key_id")
@pass_invocation
def revoke(invocation: Invocation, key_id: str) -> None:
    """End a key; running gateways notice within 5 seconds."""
    from gateway.clock import now_micros

    async def work(store: Store) -> None:
        await store.put_key(replace(await _known(store, key_id), revoked_at=now_micros()))

    _with_store(invocation.settings, work)
    invocation.say(f"key {key_id} is revoked")


@gateway.command(name="webhook-secret")
@click.option("--client", "client_id", required=True, help="Whose messages it signs.")
@pass_invocation
def webhook_secret(invocation: Invocation, client_id: str) -> None:
    """Print the secret with which a client checks the signatures of webhooks."""
    from gateway.callbacks import signing_secret

    master = invocation.settings.gateway.webhook_secret
    if master is None:
        raise NotReady("gateway.webhook_secret is not set, so no webhooks are sent")
    click.echo(signing_secret(master.get_secret_value(), client_id))


async def _known(store: Store, key_id: str) -> ApiKey:
    found = await store.find_key(key_id)
    if found is None:
        raise Failed(f"there is no key {key_id}; `docbeam gateway key list` lists them")
    return found


def _with_store(settings: Settings, work: Callable[[Store], Awaitable[T]]) -> T:
    from gateway.stores.contract import StoreUnavailable
    from gateway.stores.opening import UnknownStore, store_at

    async def run() -> T:
        store = store_at(settings.gateway.store.get_secret_value())
        await store.open()
        try:
            return await work(store)
        finally:
            await store.close()

    try:
        return asyncio.run(run())
    except StoreUnavailable as error:
        raise NotReady(f"{error}. Check gateway.store.") from None
    except UnknownStore as error:
        raise WrongUse(str(error)) from None


def _row(found: ApiKey, now: int) -> dict[str, Any]:
    from gateway.clock import moment

    state = "revoked" if found.revoked_at is not None else "ok" if found.valid_at(now) else "expired"
    return {
        "key_id": found.key_id,
        "client_id": found.client_id,
        "scopes": [scope.value for scope in found.scopes],
        "state": state,
        "created_at": moment(found.created_at).isoformat(timespec="seconds"),
        "expires_at": None if found.expires_at is None else moment(found.expires_at).isoformat(timespec="seconds"),
        "allow": list(found.allow),
        "note": found.note,
    }


def _micros(length: timedelta) -> int:
    return round(length.total_seconds() * 1_000_000)
