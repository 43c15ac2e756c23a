"""Runs a module that ends when whoever started it does: `python -m local.leash MODULE [ARGUMENT...]`.

The parent holds the other end of this process's standard input. When it closes, however the parent ended, this
process is asked to stop, and is ended if it does not.
"""

import os
import runpy
import signal
import sys
import threading
import time

STOP_LIMIT_S = 15


def main() -> None:
    """Run the module named on the command line as if it had been started itself."""
    threading.Thread(target=_wait_for_parent, daemon=True).start()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


def _wait_for_parent() -> None:
    while os.read(sys.stdin.fileno(), 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(STOP_LIMIT_S)
    os._exit(1)


if __name__ == "__main__":
    main()
