"""The queue before the web server's threads: since when each request stands in it, and who goes first.

When more people come at once than threads can serve, as before a close, requests wait. Whoever pressed a
button in time must not be late for that, what people send must not wait behind pages that others read, and a
page that its reader has given up on must keep nobody waiting: so gunicorn's worker is told to note when a
request began to wait (`clock.waited`), and to take what is sent before what is read. And nobody waits for one
who is slow to close a line: its end is awaited beside the others' requests.
"""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from selectors import EVENT_READ
from socket import MSG_DONTWAIT, MSG_PEEK, SHUT_WR, socket
from threading import Lock
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from portal import clock
from portal.web.edge import PATIENCE, may_wait

_AT_ONCE = 64  # lines that are taken from the listener before anything else is looked at
_LINE = 200  # bytes of a request's first line: method and path
_DRAINED = 65536  # bytes that are read at a time, and thrown away, of who talks on after the answer


class Queue:
    """Who waits for a thread: those who send in the order of their coming, then those who read.

    A reader whose patience is over goes first: that one is told that the portal is busy, which takes no work.
    """

    def __init__(self) -> None:
        self._senders, self._readers = deque[TConn](), deque[TConn]()
        self._choosing = Lock()

    def put(self, conn: TConn, reads: bool) -> None:
        """Let a line wait that came at `conn.came_at`."""
        (self._readers if reads else self._senders).append(conn)

    def get(self) -> TConn:
        """Take whoever is first. Raises `IndexError` where nobody waits."""
        with self._choosing:
            if self._readers and self._readers[0].came_at < monotonic() - PATIENCE.total_seconds():
                return self._readers.popleft()
            return (self._senders or self._readers).popleft()


class QueueingWorker(ThreadWorker):
    """gunicorn's threaded worker, with a note of when each request came and a queue that is not first come,
    first served.

    The note is taken when the first of a request can be read, never when its line was opened: nobody keeps a
    place in the queue for what they have not sent yet.
    """

    def init_process(self) -> None:
        """Start to serve."""
        self.waiting = Queue()
        super().init_process()

    def accept(self, listener: Any) -> None:
        """Take all lines that were opened: whoever stands outside has no place in the queue yet."""
        for _ in range(_AT_ONCE):
            before = self.nr_conns
            super().accept(listener)
            if self.nr_conns == before:
                return

    def enqueue_req(self, conn: TConn) -> None:
        """Let a request wait for a thread. A line on which nothing came yet is watched instead, and one that
        was closed is let go."""
        begins = _peek(conn.sock)
        read_ahead = conn.initialized and conn.parser.unreader.buf.getvalue()
        if not read_ahead and begins == b"":
            return self._let_go(conn)
        if not read_ahead and begins is None:
            return self._watch(conn, self.on_pending_socket_readable)
        conn.data_ready = True
        conn.came_at = monotonic()
        self.waiting.put(conn, reads=_only_reads(read_ahead or begins or b""))
        self.tpool.submit(self._answer_first)

    def _answer_first(self) -> None:
        """Answer whoever is first when a thread comes free, and hand the line back."""
        conn, answered = self.waiting.get(), Future[Any]()
        try:
            answered.set_result(self.handle(conn))
        except BaseException as error:
            answered.set_exception(error)
        self.method_queue.defer(self.finish_request, conn, answered)

    def handle(self, conn: TConn) -> Any:
        """Answer a request in one of the threads."""
        with clock.after_waiting(timedelta(seconds=monotonic() - conn.came_at)):
            return super().handle(conn)

    def finish_request(self, conn: TConn, fs: Future[Any]) -> None:
        """Keep a line for the next request, as gunicorn does, or close it once its other end has read all.

        gunicorn itself would wait for that other end, up to two seconds, and meanwhile look at nothing else.
        """
        if fs.exception() or fs.result():
            return super().finish_request(conn, fs)
        try:
            conn.sock.shutdown(SHUT_WR)
        except OSError:
            return self._let_go(conn)
        self._watch(conn, self._drain)

    def _watch(self, conn: TConn, then: Callable[[TConn, socket], None]) -> None:
        """Wait for something on a line, for as long as gunicorn waits for the next request; then close it."""
        conn.sock.setblocking(False)
        conn.timeout = monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(then, conn))

    def _drain(self, conn: TConn, line: socket) -> None:
        try:
            if line.recv(_DRAINED):
                return
        except OSError:
            pass
        self.poller.unregister(line)
        self.pending_conns.remove(conn)
        self._let_go(conn)

    def _let_go(self, conn: TConn) -> None:
        self.nr_conns -= 1
        conn.close()


def _peek(line: socket) -> bytes | None:
    """What came on a line: nothing at all (`None`), or its end (`b""`)."""
    try:
        return socket.recv(line, _LINE, MSG_PEEK | MSG_DONTWAIT)  # what comes on the wire, with TLS too
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _only_reads(begins: bytes) -> bool:
    """Whether a request that begins so asks for a page that may wait. What cannot be told goes first."""
    method, _, rest = begins.partition(b" ")
    path = rest.partition(b" ")[0].partition(b"?")[0]
    return may_wait(method.decode("latin-1"), path.decode("latin-1"))
