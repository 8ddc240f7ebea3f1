"""The queue before the web server's threads: since when each request stands in it, and who goes first.

When more people come at once than threads can serve, as before a close, requests wait. Whoever pressed a
button in time must not be late for that, what people send must not wait behind pages that others read, and a
page that its reader has given up on must keep nobody waiting: so gunicorn's worker is told to note when a
request began to wait (`clock.waited`), and to take what is sent before what is read.
"""

import select
from concurrent.futures import Future
from datetime import timedelta
from functools import partial
from itertools import count
from queue import PriorityQueue
from selectors import EVENT_READ
from socket import MSG_DONTWAIT, MSG_PEEK, socket
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from portal import clock
from portal.web.edge import PATIENCE, may_wait

_LINE = 200  # bytes of a request's first line: method and path


class QueueingWorker(ThreadWorker):
    """gunicorn's threaded worker, with a note of when each request came and a queue that is not first come,
    first served.

    The note is taken when the first of a request can be read, never when its line was opened: nobody keeps a
    place in the queue for what they have not sent yet. Readers stand behind what others send for as long as
    their patience lasts, and no longer: then they are told that the portal is busy, which takes no work.
    """

    def init_process(self) -> None:
        """Start to serve."""
        self.waiting: PriorityQueue[tuple[float, int, TConn]] = PriorityQueue()
        self.numbers = count()  # of two that came at once the first is first
        super().init_process()

    def enqueue_req(self, conn: TConn) -> None:
        """Let a request wait for a thread; a line on which nothing came yet is watched instead."""
        if not conn.initialized and not conn.data_ready:
            if not _holds_something(conn.sock):
                return self._watch(conn)
            conn.data_ready = True
        conn.came_at = monotonic()
        behind = PATIENCE.total_seconds() if _only_reads(conn.sock) else 0
        self.waiting.put((conn.came_at + behind, next(self.numbers), conn))
        self.tpool.submit(self._answer_first)

    def _watch(self, conn: TConn) -> None:
        # As gunicorn itself puts a line aside on which nothing came within five seconds.
        conn.sock.setblocking(False)
        conn.timeout = monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def _answer_first(self) -> None:
        """Answer whoever is first when a thread comes free, and hand the line back as gunicorn does."""
        *_, conn = self.waiting.get_nowait()
        answered: Future[Any] = Future()
        try:
            answered.set_result(self.handle(conn))
        except BaseException as error:
            answered.set_exception(error)
        self.method_queue.defer(self.finish_request, conn, answered)

    def handle(self, conn: TConn) -> Any:
        """Answer a request in one of the threads."""
        with clock.after_waiting(timedelta(seconds=monotonic() - conn.came_at)):
            return super().handle(conn)


def _holds_something(line: socket) -> bool:
    watch = select.poll()
    watch.register(line, select.POLLIN)
    return bool(watch.poll(0))


def _only_reads(line: socket) -> bool:
    """Whether what came on a line asks for a page that may wait. What cannot be told goes first."""
    try:
        method, _, rest = line.recv(_LINE, MSG_PEEK | MSG_DONTWAIT).partition(b" ")
    except OSError:
        return False
    path = rest.partition(b" ")[0].partition(b"?")[0]
    return may_wait(method.decode("latin-1"), path.decode("latin-1"))
