"""What the environment and the settings say that is allowed, and perhaps not meant."""

import ipaddress
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from feedsvc.doctor.finding import Finding, fine, warning
from feedsvc.settings import Settings

_KNOWN = frozenset(
    {
        "FEEDSVC_CONFIG",
        "FEEDSVC_STORAGE_URL",
        "FEEDSVC_STORAGE_URL_FILE",
        "FEEDSVC_BASE_URL",
        "FEEDSVC_BASE_URL_FILE",
        "FEEDSVC_PARENT",
        "FEEDSVC_TEST_POSTGRES_URL",
    }
)
_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


def environment(environ: Mapping[str, str]) -> Iterator[Finding]:
    for name in sorted(environ):
        if name.startswith("FEEDSVC_") and name not in _KNOWN:
            known = ", ".join(sorted(_KNOWN - {"FEEDSVC_PARENT", "FEEDSVC_TEST_POSTGRES_URL"}))
            yield warning("configuration", f"the environment sets {name}, which means nothing", f"known are {known}")
        if name.startswith("FEEDSVC_") and name.endswith("_FILE") and environ[name]:
            yield from _secret(name, Path(environ[name]))
    given = sorted(name for name in environ if name.lower() in _PROXIES and environ[name])
    if given:
        yield warning(
            "network",
            f"the environment sets {', '.join(given)}, which is not used",
            "set `fetch.proxy` where requests are to go through a proxy",
        )


def _secret(name: str, path: Path) -> Iterator[Finding]:
    try:
        mode = path.stat().st_mode
    except OSError:
        return  # a relative one is looked for beside the folder; what cannot be read the configuration says
    if mode & 0o007:
        yield warning("configuration", f"everybody on this machine may read {path} ({name})", f"chmod o= {path}")


def settings(parsed: Settings) -> Iterator[Finding]:
    yield from _public_address(parsed.site.base_url)
    if parsed.site.contact is None:
        yield warning(
            "network",
            "the User-Agent names nobody to write to",
            "set `site.contact`: who is asked too often blocks whom he cannot reach",
        )
    limits = parsed.fetch
    if limits.proxy is not None:
        yield warning(
            "network",
            f"requests go through the proxy {limits.proxy}: addresses are judged by the proxy, not by us",
            "let the proxy refuse private networks; we refuse only addresses that are written out",
        )
    else:
        yield fine("network", "every address is judged when it is connected to")
    if limits.allow_private:
        yield warning(
            "network",
            f"private networks may be contacted: {', '.join(limits.allow_private)}",
            "keep `fetch.allow_private` as small as it can be: any feed can name an address in there",
        )


def _public_address(base_url: str | None) -> Iterator[Finding]:
    advice = "set `site.base_url` to the address that readers use; feeds name it in themselves"
    if base_url is None:
        yield warning("publishing", "`site.base_url` is not set: documents name the address last served at", advice)
        return
    parts = urlsplit(base_url)
    if _is_local(parts.hostname or ""):
        yield warning("publishing", f"`site.base_url` is {base_url}, which only this machine can open", advice)
    elif parts.scheme != "https":
        yield warning("publishing", f"`site.base_url` is {base_url}: without TLS anybody between can change it", advice)
    else:
        yield fine("publishing", f"documents name {base_url}")


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")
