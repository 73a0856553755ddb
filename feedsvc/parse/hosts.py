"""Whether two addresses are of one site."""

from urllib.parse import urlsplit


def is_same_site(one: str, other: str) -> bool:
    """Say whether two hosts are the same, or one is below the other; `www.` counts as nothing.

    The protocol of sitemaps wants those of an index on the same host (sitemaps.org, "Sitemap file location"); sites
    keep them on a host of their own below it, too.
    """
    ours, theirs = _host(one), _host(other)
    if not ours or not theirs:
        return False
    return (
        ours == theirs
        or ("." in theirs and ours.endswith(f".{theirs}"))
        or ("." in ours and theirs.endswith(f".{ours}"))
    )


def _host(url: str) -> str:
    try:
        return (urlsplit(url).hostname or "").removeprefix("www.").rstrip(".")
    except ValueError:
        return ""
