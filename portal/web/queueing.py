"""The queue before the web server's threads: since when each request stands in it.

When more people come at once than threads can serve, as before a close, requests wait. Whoever pressed a
button in time must not be late for that, and a page that its reader has given up on must not keep others
waiting: so gunicorn's worker is told to note when a request began to wait (`clock.waited`).
"""

import select
from datetime import timedelta
from functools import partial
from selectors import EVENT_READ
from socket import socket
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import TConn, ThreadWorker

from portal import clock


class QueueingWorker(ThreadWorker):
    """gunicorn's threaded worker, with a note of when each request came.

    The note is taken when the first of a request can be read, never when its line was opened: nobody keeps a
    place in the queue for what they have not sent yet.
    """

    def enqueue_req(self, conn: TConn) -> None:
        """Let a request wait for a thread; a line on which nothing came yet is watched instead."""
        if not conn.initialized and not conn.data_ready:
            if not _holds_something(conn.sock):
                return self._watch(conn)
            conn.data_ready = True
        conn.came_at = monotonic()
        super().enqueue_req(conn)

    def _watch(self, conn: TConn) -> None:
        # As gunicorn itself puts a line aside on which nothing came within five seconds.
        conn.sock.setblocking(False)
        conn.timeout = monotonic() + self.cfg.keepalive
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def handle(self, conn: TConn) -> Any:
        """Answer a request in one of the threads."""
        with clock.after_waiting(timedelta(seconds=monotonic() - conn.came_at)):
            return super().handle(conn)


def _holds_something(line: socket) -> bool:
    watch = select.poll()
    watch.register(line, select.POLLIN)
    return bool(watch.poll(0))
