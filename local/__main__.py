"""`python -m local demo | up | call`: the product on this machine. The Makefile calls it."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from rich.console import Console

from local.calling import CallError, call_in
from local.demo import CALLER, DemoError, demo
from local.phone import SoundError
from local.processes import StartError
from local.standing import addresses, stand


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m local", description=__doc__)
    what = parser.add_subparsers(dest="what", required=True)
    what.add_parser("demo", help="one voicemail end to end")
    what.add_parser("up", help="everything, until Ctrl-C")
    call = what.add_parser("call", help="phone a WAV into what `up` runs")
    call.add_argument("--wav", type=Path, required=True)
    call.add_argument("--from", dest="caller", default=CALLER)
    call.add_argument("--to", dest="number", default="")
    return parser.parse_args()


async def _run(arguments: argparse.Namespace, console: Console) -> None:
    match arguments.what:
        case "demo":
            await demo(console)
        case "up":
            await stand(console)
        case _:
            await call_in(console, arguments.wav, house=addresses(), caller=arguments.caller, number=arguments.number)


def _reasons(error: BaseException) -> list[str]:
    if isinstance(error, BaseExceptionGroup):
        return [reason for each in error.exceptions for reason in _reasons(each)]
    return [str(error) or type(error).__name__]


def main() -> int:
    """Return 0 when all went well; else 1, with a plain reason on standard error."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # stopped by `kill`, the children must end too
    arguments = _arguments()
    console = Console(highlight=False)
    code = 0
    try:
        asyncio.run(_run(arguments, console))
    except* KeyboardInterrupt:
        console.print("Stopped.")
    except* (CallError, DemoError, SoundError, StartError) as failures:
        for reason in _reasons(failures):
            print(f"Failed: {reason}", file=sys.stderr)
        code = 1
    return code


if __name__ == "__main__":
    sys.exit(main())
