"""A wire between the mill and Redis that can go silent: `python -m tests.chaos.wire PORT TARGET`.

On SIGUSR1 all connections that there are become half-open: nothing of them is ever forwarded or closed, as where a
router has forgotten them; new ones are forwarded.
"""

import asyncio
import contextlib
import signal
import subprocess
import sys
import time

import redis

from workers.local.broker import free_port

CHUNK = 65536
READY_S = 10.0


async def serve(port: int, target: int) -> None:
    """Until it is killed."""
    ages = [0]  # connections of an earlier one are silent
    never = asyncio.Event()  # one for all, so that whoever waits for it is kept

    async def pump(age: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while data := await reader.read(CHUNK):
            if age != ages[0]:
                await never.wait()
            writer.write(data)
            await writer.drain()

    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        age = ages[0]
        with contextlib.suppress(OSError):
            there, back = await asyncio.open_connection("127.0.0.1", target)
            pumps = [asyncio.ensure_future(pump(age, reader, back)), asyncio.ensure_future(pump(age, there, writer))]
            await asyncio.wait(pumps, return_when=asyncio.FIRST_COMPLETED)
            if age != ages[0]:
                await never.wait()
            for task in pumps:
                task.cancel()
            back.close()
        writer.close()

    def silence() -> None:
        ages[0] += 1

    asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, silence)
    server = await asyncio.start_server(connected, "127.0.0.1", port)
    await server.serve_forever()


class Wire:
    """One that runs. target: the port of Redis."""

    def __init__(self, target: int) -> None:
        self.port = free_port()
        words = [sys.executable, "-m", "tests.chaos.wire", str(self.port), str(target)]
        self.process = subprocess.Popen(words)
        end = time.monotonic() + READY_S
        while True:
            with contextlib.suppress(redis.RedisError):
                redis.Redis(port=self.port).ping()
                return
            assert time.monotonic() < end, "the wire does not work"
            time.sleep(0.1)

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def silence(self) -> None:
        """All connections that there are."""
        self.process.send_signal(signal.SIGUSR1)

    def end(self) -> None:
        self.process.kill()
        self.process.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2])))
