"""Run the server as a process: `python -m local.deepgram --recogniser moonshine --api-key KEY`."""

import argparse
import asyncio
import json
import signal
import sys
from pathlib import Path

from local.deepgram.moonshine import MoonshineRecogniser
from local.deepgram.recogniser import Recogniser
from local.deepgram.server import DeepgramServer
from local.deepgram.settings import Environment
from local.deepgram.stamp import StampedRecogniser
from local.deepgram.weights import WeightsError
from telephony.settings import read


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local.deepgram", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0 for any free one")
    parser.add_argument("--recogniser", choices=("moonshine", "stamped"), default="moonshine")
    parser.add_argument("--api-key", action="append", required=True, help="may be given several times")
    parser.add_argument("--model-dir", type=Path, help="the weights; else LOCAL_STT_MODEL_DIR, else the installed ones")
    return parser.parse_args()


def _recogniser(name: str, model_dir: Path | None) -> Recogniser:
    if name == "stamped":
        return StampedRecogniser()
    return MoonshineRecogniser(model_dir or read(Environment).local_stt_model_dir)


async def _serve(recogniser: Recogniser, *, api_keys: list[str], port: int) -> None:
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with DeepgramServer(recogniser=recogniser, api_keys=api_keys, port=port) as server:
        print(json.dumps({"url": server.base_url}), flush=True)
        await stop.wait()


def main() -> int:
    """Serve until SIGTERM or SIGINT and return the exit code. Prints a line of JSON with the URL once it is ready."""
    arguments = _arguments()
    try:
        recogniser = _recogniser(arguments.recogniser, arguments.model_dir)
        asyncio.run(_serve(recogniser, api_keys=arguments.api_key, port=arguments.port))
    except (OSError, WeightsError) as exc:
        print(f"local.deepgram: {exc}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
