"""A site whose one source is pushed by a hub, for tests."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from werkzeug.test import Client

from feedsvc.engine.local import utc_now
from feedsvc.model import Attempt, Subscription
from feedsvc.schedule import polling
from feedsvc.schedule.polling import client_of
from feedsvc.schedule.receiving import Receiving
from feedsvc.store import Store
from feedsvc.web import create_app
from feedsvc.websub import Asking
from tests.servers.hub import Front, Hub
from tests.servers.upstream import Upstream, document
from tests.site import FEEDSVC, Site, source

START = utc_now()


def item(name: str, at: datetime | None = None, text: str = "") -> str:
    words = text or " ".join(f"{name}{n}" for n in range(60))
    date = f"<pubDate>{format_datetime(at or START)}</pubDate>"
    return (
        f"<item><guid isPermaLink='false'>{name}</guid><title>About {name}</title>{date}"
        f"<link>https://paper.example/{name}</link><description>{words}</description></item>"
    )


def rss(*items: str, head: str = "") -> bytes:
    start = "<?xml version='1.0'?><rss version='2.0'><channel><title>Paper</title><link>https://paper.example/</link>"
    return (start + head + "".join(items) + "</channel></rss>").encode()


@dataclass(slots=True)
class Press:
    """A site whose one source is pushed by a hub."""

    site: Site
    upstream: Upstream
    hub: Hub
    front: Front

    @property
    def store(self) -> Store:
        assert self.site.service is not None
        return self.site.service.store

    def start(self, *items: str, hub: str | None = None, **sections: Any) -> None:
        """Poll the source for the first time, and serve the site."""
        self.serve(*items, hub=hub)
        base_url = {"site": {**FEEDSVC["site"], "base_url": self.front.url}}
        self.site.configure([source("paper", self.upstream.url("/rss"), full_text=False)], **{**base_url, **sections})
        assert self.site.service is not None
        self.front.app, _ = create_app(self.store, self.site.service.in_force)
        self.site.poll()

    def serve(self, *items: str, hub: str | None = None) -> None:
        links = f'<{hub or self.hub.url}>; rel="hub", <{self.upstream.url("/rss")}>; rel="self"'
        self.upstream.on("/rss", document(rss(*items), headers={"Link": links}))

    def ask(self, after: timedelta = timedelta()) -> None:
        """Ask the hubs that are due so much later."""
        asyncio.run(self._ask(after))

    async def _ask(self, after: timedelta) -> None:
        assert self.site.service is not None
        current = self.site.service.in_force()
        async with await client_of(self.store, current) as client:
            asking = Asking(
                store=self.store,
                client=client,
                base_url=current.settings.site.base_url,
                sources={each.id for each in current.settings.sources if not each.paused},
                now=lambda: utc_now() + after,
            )
            # What takes another's place is asked in a second round.
            for _ in range(2):
                await asking.start()
                await asking.idle()

    def subscribe(self) -> None:
        self.ask()
        assert self.hub.verify() == (200, "xyz")

    def receive(self) -> None:
        """Read what was pushed, and publish."""
        asyncio.run(self._receive())
        self.site.publish()

    async def _receive(self) -> None:
        assert self.site.service is not None
        current = self.site.service.in_force()
        async with polling(self.store, current) as runner:
            sources = {each.id: each for each in current.settings.sources}
            receiving = Receiving(deps=runner.deps, sources=sources, now=utc_now)
            while self.waiting:
                await receiving.start()
                await receiving.idle()

    @property
    def waiting(self) -> frozenset[str]:
        with self.store.read() as tx:
            return tx.pushes.waiting()

    @property
    def all(self) -> tuple[Subscription, ...]:
        with self.store.read() as tx:
            return tx.subscriptions.all()

    @property
    def subscription(self) -> Subscription:
        (found,) = self.all
        return found

    @property
    def state(self) -> str:
        return self.subscription.state

    @property
    def attempt(self) -> Attempt:
        with self.store.read() as tx:
            return tx.attempts.after(tx.attempts.last() - 1, 1)[0][1]

    def titles(self) -> set[str]:
        return {entry.title for entry in self.site.feed("/feeds/all.rss").entries}

    def page(self, path: str) -> str:
        assert self.site.service is not None
        app, _ = create_app(self.store, self.site.service.in_force)
        return Client(app).get(path).text

    def paused_for(self) -> timedelta:
        """Return how long the source is left alone from now."""
        with self.store.read() as tx:
            at = tx.schedule.state("paper").next_fetch_at
        assert at is not None
        return at - utc_now()
