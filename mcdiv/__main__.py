"""`mcdiv`, and `python -m mcdiv`: signals are ours before anything else is imported."""

import signal

# Until there is a handler they wait: the interpreter's own would print a traceback of whatever is being imported.
if hasattr(signal, "pthread_sigmask"):
    signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, signal.SIGTERM))

from typing import NoReturn

from mcdiv import stopping


def main() -> NoReturn:
    """Import the command and run it."""
    try:
        stopping.begin()
        from mcdiv import cli
    except BaseException:
        if stopping.asked():
            stopping.leave()
        raise
    cli.main()


if __name__ == "__main__":
    main()
