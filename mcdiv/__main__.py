"""`mcdiv`, and `python -m mcdiv`: signals are ours before anything else is imported."""

import gc
import signal

# Until there is a handler they wait: the interpreter's own would print a traceback of whatever is being imported.
if hasattr(signal, "pthread_sigmask"):
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))

from typing import NoReturn

from mcdiv.engine import interrupts


def main() -> NoReturn:
    """Import the command and run it."""
    # Most of what a command makes it keeps; as the interpreter comes, it goes through all of that again and again.
    gc.set_threshold(20_000, 10, 10)
    try:
        interrupts.begin()
        from mcdiv.cli import main as cli
    except BaseException:
        if interrupts.requested():
            interrupts.leave()
        raise
    cli.main()


if __name__ == "__main__":
    main()
