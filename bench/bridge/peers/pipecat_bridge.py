"""A peer: Pipecat with its Twilio serializer and its Deepgram service, nothing else in the pipeline.

    python pipecat_bridge.py PORT DEEPGRAM_URL

As its documentation shows for Twilio: FastAPI's WebSocket as transport, 8 kHz throughout, no voice detection.
"""

import asyncio
import json
import sys

import uvicorn
from fastapi import FastAPI, WebSocket
from loguru import logger
from pipecat.frames.frames import Frame, TranscriptionFrame
from pipecat.pipeline.pipeline import Pipeline
from pipecat.pipeline.worker import PipelineParams, PipelineWorker
from pipecat.processors.frame_processor import FrameDirection, FrameProcessor
from pipecat.serializers.twilio import TwilioFrameSerializer
from pipecat.services.deepgram.stt import DeepgramSTTService
from pipecat.transports.websocket.fastapi import FastAPIWebsocketParams, FastAPIWebsocketTransport
from pipecat.workers.runner import WorkerRunner

PORT, DEEPGRAM_URL = int(sys.argv[1]), sys.argv[2]
logger.remove()
logger.add(sys.stderr, level="ERROR")
app = FastAPI()


class Keep(FrameProcessor):
    """Keeps the final texts."""

    def __init__(self) -> None:
        super().__init__()
        self.finals: list[str] = []

    async def process_frame(self, frame: Frame, direction: FrameDirection) -> None:
        """Take one frame."""
        await super().process_frame(frame, direction)
        if isinstance(frame, TranscriptionFrame):
            self.finals.append(frame.text)
        await self.push_frame(frame, direction)


@app.websocket("/media")
async def media(socket: WebSocket) -> None:
    """Carry one stream."""
    await socket.accept()
    await socket.receive_text()  # connected
    start = json.loads(await socket.receive_text())["start"]
    serializer = TwilioFrameSerializer(
        stream_sid=start["streamSid"],
        call_sid=start["callSid"],
        params=TwilioFrameSerializer.InputParams(auto_hang_up=False),
    )
    transport = FastAPIWebsocketTransport(
        websocket=socket,
        params=FastAPIWebsocketParams(audio_in_enabled=True, audio_out_enabled=False, serializer=serializer),
    )
    stt = DeepgramSTTService(api_key="key", base_url=DEEPGRAM_URL, sample_rate=8000)
    worker = PipelineWorker(
        Pipeline([transport.input(), stt, Keep()]),
        params=PipelineParams(audio_in_sample_rate=8000, audio_out_sample_rate=8000),
        enable_rtvi=False,
        enable_turn_tracking=False,
        idle_timeout_secs=None,
    )

    @transport.event_handler("on_client_disconnected")  # type: ignore[untyped-decorator] # pipecat's own
    async def on_client_disconnected(_transport: object, _client: object) -> None:
        await worker.cancel()

    await WorkerRunner(handle_sigint=False).run(worker)


if __name__ == "__main__":
    asyncio.set_event_loop_policy(None)
    uvicorn.run(app, host="127.0.0.1", port=PORT, log_level="warning", backlog=4096)
