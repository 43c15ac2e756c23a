"""A viewer's socket on its own: patience has an end."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from picows import ws_create_server
from websockets.asyncio.client import connect

from streamer.bridge import Services
from streamer.captions import CaptionsHub
from streamer.ring import Budget
from streamer.rules import Rules
from streamer.viewer import ViewerSocket
from streamer.writer import Writer
from telephony.coverage import Track
from telephony.streams import TicketPurpose
from telephony.transcripts import Interim
from tests.fakes.secrets import FixedSecrets
from tests.fakes.sending import MemoryMeter
from tests.fakes.table import MemoryTable
from tests.unit.streamer.house import CALL_SID, LIMIT_S, Phone, ticket, until


@asynccontextmanager
async def watching(table: MemoryTable, hub: CaptionsHub, rules: Rules) -> AsyncIterator[str]:
    """Serve captions, and yield where."""
    async with asyncio.timeout(LIMIT_S), asyncio.TaskGroup() as tasks:
        services = Services(
            tickets=table.tickets,
            secrets=FixedSecrets(),
            writer=Writer(table.transcripts, MemoryMeter(), gather_s=0),
            captions=hub,
            meter=MemoryMeter(),
            budget=Budget(),
            rules=rules,
            deepgram_url="ws://127.0.0.1:9/v1/listen",
            tls=None,
            spawn=tasks.create_task,
        )
        server = await ws_create_server(lambda _request: ViewerSocket(services), "127.0.0.1", 0)
        yield f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/captions"
        server.close()


async def test_a_viewer_that_is_shown_nothing_for_too_long_is_closed() -> None:
    table, hub = MemoryTable(), CaptionsHub()
    table.tickets.issue(ticket("V1", purpose=TicketPurpose.CAPTIONS))
    async with watching(table, hub, Rules(watch_s=0.3)) as url, connect(url, proxy=None) as viewer:
        loop = asyncio.get_running_loop()
        begun = loop.time()
        await viewer.send('{"ticket":"V1"}')
        await until(lambda: table.state.used_tickets)
        while loop.time() - begun < 0.5:  # captions keep it
            hub.publish(Interim(CALL_SID, Track.INBOUND, 0, 100, "word"))
            await viewer.recv()
        shown_at = loop.time()
        assert await Phone(viewer).closed() == (1013, "nothing to show")
        assert loop.time() - shown_at < 5


async def test_viewers_are_sent_away_when_the_streamer_ends() -> None:
    table, hub = MemoryTable(), CaptionsHub()
    table.tickets.issue(ticket("V1", purpose=TicketPurpose.CAPTIONS))
    async with watching(table, hub, Rules()) as url, connect(url, proxy=None) as viewer:
        await viewer.send('{"ticket":"V1"}')
        await until(lambda: table.state.used_tickets)
        while viewer.close_code is None:
            hub.close()
            hub.publish(Interim(CALL_SID, Track.INBOUND, 0, 100, "word"))
            await asyncio.sleep(0.005)
        assert await Phone(viewer).closed() == (1000, "")


async def test_a_viewer_that_shows_no_ticket_in_time_is_closed_and_one_that_did_is_not() -> None:
    table, hub = MemoryTable(), CaptionsHub()
    table.tickets.issue(ticket("V1", purpose=TicketPurpose.CAPTIONS))
    async with (
        watching(table, hub, Rules(start_within_s=0.2)) as url,
        connect(url, proxy=None) as polite,
        connect(url, proxy=None) as silent,
    ):
        await polite.send('{"ticket":"V1"}')
        await until(lambda: table.state.used_tickets)
        assert await Phone(silent).closed() == (1008, "no ticket in time")
        hub.end(CALL_SID)
        assert await polite.recv() == '{"type":"end"}'
