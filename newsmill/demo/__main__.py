"""`python -m newsmill.demo`: serve the demo site until it is told to stop."""

import argparse
import signal
import sys
import threading

from newsmill.demo.server import serve
from newsmill.demo.site import sources

DEFAULT_PORT = 8710  # not registered with IANA, not used by what a developer usually runs


def main() -> int:
    """Parse the arguments, serve, wait for SIGINT or SIGTERM. Exit code 1 when an address cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m newsmill.demo", description="Serve Newsmill's demo news site.")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=int, default=DEFAULT_PORT, help="port to listen on (default: %(default)s)")
    parser.add_argument("--bind", action="append", default=[], metavar="ADDRESS", help="listen on this address too")
    parser.add_argument("--sources", action="store_true", help="print a sources file for the site, and stop")
    options = parser.parse_args()
    if options.sources:
        print(sources(f"http://{options.host}:{options.port}"), end="")
        return 0
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    try:
        server = serve(options.host, options.port, bind=options.bind)
    except (OSError, OverflowError) as error:
        print(error, file=sys.stderr)
        return 1
    print(f"demo news site: {server.base}/", flush=True)
    with server:
        stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main())
