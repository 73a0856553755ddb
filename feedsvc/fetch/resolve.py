"""DNS in threads of its own."""

import asyncio
import contextlib
import socket
import threading
from ipaddress import ip_address

from aiohttp.abc import AbstractResolver, ResolveResult

#: look-ups under way at once
AT_ONCE = 64


class Resolver(AbstractResolver):
    """Asks the system's resolver, each time in a daemon thread.

    The loop's own getaddrinfo shares its few threads (uvloop's: 4) with everything else that runs in one: some dead
    name servers would stop the database too, and a look-up that hangs would delay the end of the process.
    """

    def __init__(self) -> None:
        self._room = asyncio.Semaphore(AT_ONCE)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Raises OSError for a name that leads nowhere."""
        return [
            ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for kind, address in await self._ask(host, family)
        ]

    async def addresses(self, host: str) -> tuple[str, ...]:
        """Raises OSError for a name that leads nowhere. An address is its own, in any spelling of `ipaddress`."""
        try:
            return (str(ip_address(host)),)
        except ValueError:
            pass
        return tuple(address for _, address in await self._ask(host, socket.AF_UNSPEC))

    async def close(self) -> None:
        pass

    async def _ask(self, host: str, family: int) -> list[tuple[int, str]]:
        loop = asyncio.get_running_loop()
        await self._room.acquire()
        future: asyncio.Future[list[tuple[int, str]]] = loop.create_future()

        def settle(found: list[tuple[int, str]], error: OSError | None) -> None:
            # The room is free when the thread has ended, not when its asker has lost patience.
            self._room.release()
            if future.done():
                return
            if error is None:
                future.set_result(found)
            else:
                future.set_exception(error)

        def look_up() -> None:
            found: list[tuple[int, str]] = []
            error: OSError | None = None
            try:
                found = _look_up(host, family)
            except OSError as exc:
                error = exc
            # A loop that was closed meanwhile refuses: then nobody waits.
            with contextlib.suppress(RuntimeError):
                loop.call_soon_threadsafe(settle, found, error)

        threading.Thread(target=look_up, name=f"resolve {host}", daemon=True).start()
        return await future


def _look_up(host: str, family: int) -> list[tuple[int, str]]:
    try:
        # No port: aiohttp adds it. AI_ADDRCONFIG leaves out IPv6 on a machine that has none.
        infos = socket.getaddrinfo(host, None, family, socket.SOCK_STREAM, 0, socket.AI_ADDRCONFIG)
    except UnicodeError as exc:
        # A label that is empty or too long: Python encodes the name itself and raises no OSError then.
        raise socket.gaierror(socket.EAI_NONAME, "not a host name") from exc
    return [(int(kind), str(place[0])) for kind, _, _, _, place in infos]
