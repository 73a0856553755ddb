"""Where upstream hubs push to us (WebSub), and what they pushed."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from feedsvc.model.checked import Checked

#: wanted: not verified yet, or no longer; active: verified; denied: by the hub; dead: it verifies and does not push;
#: leaving: the hub is asked to end it
SubscriptionState = Literal["wanted", "active", "denied", "dead", "leaving"]


@dataclass(frozen=True, slots=True, kw_only=True)
class HubOffer:
    """What a source's answer says of being pushed; the preferred hub first."""

    topic: str
    hubs: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscription(Checked):
    """One topic of one source at one hub. A source has one, besides those that are `leaving`."""

    source_id: str
    #: the secret part of our callback's address
    token: str = field(repr=False)
    topic: str
    hub: str
    #: all that the publisher names
    hubs: tuple[str, ...]
    #: what the hub signs with
    secret: str = field(repr=False)
    #: our address as the hub knows it; None: it was not asked yet
    callback: str | None = field(default=None, repr=False)
    state: SubscriptionState = "wanted"
    #: when the hub is asked next
    next_request_at: datetime
    requested_at: datetime | None = None
    verified_at: datetime | None = None
    lease_until: datetime | None = None
    last_push_at: datetime | None = None
    #: requests since it was last verified; more than one: the hub refused them or did not verify
    failures: int = 0
    #: how often in a row it was given up: denied, or dead
    given_up: int = 0
    #: what is wrong, in words
    error: str | None = None
    #: entries that pushes brought before polls did, since it was last verified after being given up
    pushed: int = 0
    #: polls in a row that found what should have been pushed
    missed: int = 0
    #: when a poll found entries that might still have been on their way; None: pushed since, or no such poll
    doubted_at: datetime | None = None
    #: pushes without a valid signature
    rejected: int = 0
    #: marks of the last pushes, to know a repeated one
    recent: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Push(Checked):
    """A document that a hub sent, its signature valid; not read yet."""

    source_id: str
    topic: str
    at: datetime
    content_type: str | None
    body: bytes
