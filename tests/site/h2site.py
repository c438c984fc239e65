"""A small HTTP/2 server on loopback, over TLS: answers every stream with the same page."""

import asyncio
import ssl
import threading
from typing import Self

import h2.config
import h2.connection
import h2.events
import h2.exceptions
import hpack
import hyperframe.frame


class H2Site:
    """The server, in a thread of its own; `requests` are the paths asked, and over which connection.

    forged: the body of an answer to the next stream, which nobody has opened yet; sent behind each answer, or
    `forged_after_s` seconds later.
    """

    def __init__(
        self, tls: ssl.SSLContext, body: bytes, status: int = 200, forged: bytes = b"", forged_after_s: float = 0.0
    ) -> None:
        self._forged = forged
        self._forged_after_s = forged_after_s
        self.requests: list[tuple[int, str]] = []
        self.port = 0
        self._body = body
        self._status = status
        self._tls = tls
        self._tls.set_alpn_protocols(["h2"])
        self._connections = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="h2site", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._server = asyncio.run_coroutine_threadsafe(
            asyncio.start_server(self._connected, "127.0.0.1", 0, ssl=self._tls), self._loop
        ).result(10)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._stop(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    async def _stop(self) -> None:
        self._server.close()
        tasks = [t for t in asyncio.all_tasks() if t is not asyncio.current_task()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections += 1
        number = self._connections
        state = h2.connection.H2Connection(h2.config.H2Configuration(client_side=False, header_encoding="utf-8"))
        state.initiate_connection()
        writer.write(state.data_to_send())
        try:
            while data := await reader.read(65536):
                last = 0
                for event in state.receive_data(data):
                    if isinstance(event, h2.events.RequestReceived):
                        self.requests.append((number, dict(event.headers)[":path"]))
                        self._answer(state, event.stream_id)
                        last = event.stream_id
                forged = self._next_answer(last + 2) if last and self._forged else b""
                honest = state.data_to_send()
                writer.write(honest + (b"" if self._forged_after_s else forged))
                await writer.drain()
                if forged and self._forged_after_s:
                    await asyncio.sleep(self._forged_after_s)
                    writer.write(forged)
        except (OSError, asyncio.CancelledError, h2.exceptions.ProtocolError):
            pass  # the client has had enough, or the site is stopping
        finally:
            writer.transport.abort()

    def _answer(self, state: h2.connection.H2Connection, stream_id: int) -> None:
        state.send_headers(stream_id, [(":status", str(self._status)), ("content-type", "text/html")])
        for start in range(0, len(self._body), 16384):
            state.send_data(stream_id, self._body[start : start + 16384])
        state.end_stream(stream_id)

    def _next_answer(self, stream_id: int) -> bytes:
        fields = [(":status", "200"), ("content-type", "text/html")]
        head = hyperframe.frame.HeadersFrame(stream_id, hpack.Encoder().encode(fields), flags=["END_HEADERS"])
        body = hyperframe.frame.DataFrame(stream_id, self._forged, flags=["END_STREAM"])
        return bytes(head.serialize() + body.serialize())
