"""Credentials of a source: read when they are sent, for its own origin only, and in no message."""

from pathlib import Path
from urllib.parse import unquote

from aiohttp import encode_basic_auth
from yarl import URL

from feedsvc.errors import FetchError
from feedsvc.fetch.address import same_origin, web_address
from feedsvc.model import Source


def credentials(source: Source, target: URL) -> dict[str, str]:
    """Return the headers that prove who we are to `target`; none unless it is of the source's own origin.

    Raises FetchError when a secret cannot be read.
    """
    own = web_address(source.url)
    if not same_origin(own, target):
        return {}
    auth = source.auth
    if auth is not None and auth.header is not None and auth.value_file is not None:
        return {auth.header: _secret(source, auth.value_file)}
    if auth is not None and auth.user is not None and auth.password_file is not None:
        return {"Authorization": encode_basic_auth(auth.user, _secret(source, auth.password_file), "utf-8")}
    if own.user is not None:
        return {"Authorization": encode_basic_auth(unquote(own.raw_user or ""), own.password or "", "utf-8")}
    return {}


def _secret(source: Source, path: Path) -> str:
    try:
        # The line break at the end is the editor's, not the secret's.
        secret = path.read_text("utf-8").rstrip("\r\n")
    except (OSError, UnicodeDecodeError) as exc:
        why = exc.strerror if isinstance(exc, OSError) else "not UTF-8"
        raise FetchError(source.id, f"cannot read the secret in {path}: {why}", retryable=False) from exc
    if not secret or not secret.isprintable():
        raise FetchError(source.id, f"the secret in {path} must be one line of text", retryable=False)
    return secret
