"""Name servers that do not answer."""

import asyncio
import socket
import threading

import pytest

from feedsvc.fetch.resolve import AT_ONCE, Resolver


def test_look_ups_that_hang_stop_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    release, real = threading.Event(), socket.getaddrinfo

    def name_server(host: str, *rest: int) -> object:
        if host == "dead.example":
            release.wait(30)
        return real(host, *rest)

    async def run() -> None:
        resolver = Resolver()
        dead = [asyncio.create_task(resolver.addresses("dead.example")) for _ in range(AT_ONCE - 1)]
        await asyncio.sleep(0)
        async with asyncio.timeout(10):
            assert await asyncio.to_thread(len, "four") == 4
            assert await resolver.addresses("localhost")
            assert await resolver.addresses("192.0.2.1") == ("192.0.2.1",)
        for task in dead:
            task.cancel()
        await asyncio.gather(*dead, return_exceptions=True)

    monkeypatch.setattr(socket, "getaddrinfo", name_server)
    # The loop ends although its look-ups hang; they then find nobody waiting.
    asyncio.run(run())
    release.set()
