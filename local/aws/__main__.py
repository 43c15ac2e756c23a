"""Local AWS as a process: `python -m local.aws --port 0` prints {"endpoint": ...} and serves until SIGTERM."""

import argparse
import json
import signal
import threading

from local.aws import server


def main() -> None:
    """Serve until SIGTERM or Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m local.aws", description="A simulated AWS on loopback.")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    port = parser.parse_args().port
    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    with server.running(port) as endpoint:
        print(json.dumps({"endpoint": endpoint}), flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
