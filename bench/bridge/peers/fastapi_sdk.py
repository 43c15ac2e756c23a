"""A peer: the bridge as most Python examples have it, FastAPI before, Deepgram's own SDK behind.

    python fastapi_sdk.py PORT DEEPGRAM_URL

As the documentation of both shows it: uvicorn with its standard extras (uvloop, httptools), one SDK connection a
stream, each frame sent on as it comes, results taken by an event handler. It checks no signature or ticket, keeps no
sound for a reconnect and writes no words.
"""

import asyncio
import base64
import json
import sys

import uvicorn
from deepgram import AsyncDeepgramClient
from deepgram.core.events import EventType
from deepgram.environment import DeepgramClientEnvironment
from fastapi import FastAPI, WebSocket, WebSocketDisconnect

PORT, WS = int(sys.argv[1]), sys.argv[2]
HTTP = WS.replace("ws", "http", 1)

app = FastAPI()
deepgram = AsyncDeepgramClient(
    api_key="key", environment=DeepgramClientEnvironment(base=HTTP, production=WS, agent=WS, agent_rest=HTTP)
)


@app.websocket("/media")
async def media(socket: WebSocket) -> None:
    """Carry one stream."""
    await socket.accept()
    finals: list[str] = []
    ended = asyncio.Event()

    async def on_message(message: object) -> None:
        if getattr(message, "type", "") == "Results" and getattr(message, "is_final", False):
            finals.append(message.channel.alternatives[0].transcript)  # type: ignore[attr-defined] # the SDK's union
        elif getattr(message, "type", "") == "Metadata":
            ended.set()

    async with deepgram.listen.v1.connect(
        model="nova-3",
        language="en-US",
        encoding="mulaw",
        sample_rate=8000,
        channels=1,
        interim_results="true",
        smart_format="true",
        punctuate="true",
        endpointing=300,
    ) as connection:
        connection.on(EventType.MESSAGE, on_message)
        listening = asyncio.create_task(connection.start_listening())
        try:
            while True:
                message = json.loads(await socket.receive_text())
                match message["event"]:
                    case "media":
                        await connection.send_media(base64.b64decode(message["media"]["payload"]))
                    case "stop":
                        break
        except WebSocketDisconnect:
            pass
        await connection.send_close_stream()
        async with asyncio.timeout(10):
            await ended.wait()
        listening.cancel()
    await socket.close()


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning", backlog=4096)
