"""Child processes that never outlive the portal, and the one error that a failed start raises."""

from __future__ import annotations

import ctypes
import errno
import os
import pwd
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

_PR_SET_PDEATHSIG = 1


class ServiceDidNotStart(RuntimeError):
    """An embedded service could not be started; the message is one plain sentence for the operator."""


def free_port(host: str = "127.0.0.1") -> int:
    """Return a TCP port on *host* that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


def port_is_taken(host: str, port: int) -> bool:
    """Say whether *port* on *host* cannot be had because something listens there.

    Raises ``OSError`` when it cannot be had for another reason, such as an unknown host.
    """
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                return True
            raise
    return False


def spawn(
    command: Sequence[str],
    *,
    log: Path | None,
    user: pwd.struct_passwd | None = None,
    environment: Mapping[str, str] | None = None,
    signal_when_orphaned: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start *command* as a child that the kernel signals when this process dies, however it dies.

    The child gets a session of its own: Ctrl-C reaches this process alone, which then stops its children
    in the right order. Call it from a thread that lives as long as the child should. *log* receives its
    output (None: the child shares ours); *user* is whom to run as (None: ourselves).
    Raises ``ServiceDidNotStart`` when the program cannot be executed.
    """
    output = None if log is None else log.open("ab")
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env=None if environment is None else dict(environment),
            **as_user(user),
            start_new_session=True,
            preexec_fn=_die_with_parent(signal_when_orphaned),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise ServiceDidNotStart(f"{command[0]} could not be started: {error}.") from error
    finally:
        if output is not None:
            output.close()


def stop(
    process: subprocess.Popen[bytes], *, by: signal.Signals = signal.SIGTERM, seconds: float = 20
) -> None:
    """Ask *process* to end with the signal *by*; kill it when it has not ended after *seconds*."""
    if process.poll() is not None:
        return
    process.send_signal(by)
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def as_user(user: pwd.struct_passwd | None) -> dict[str, Any]:
    """Return the arguments with which ``subprocess`` runs a program as *user* and in no other's groups."""
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def last_words(log: Path) -> str:
    """Return the last telling line of *log* (a fatal error where there is one), or an empty string."""
    try:
        lines = [line.strip() for line in log.read_text(errors="replace").splitlines() if line.strip()]
    except OSError:
        return ""
    telling = [line for line in lines[-40:] if "FATAL" in line or "CRITICAL" in line or "rror" in line]
    return (telling or lines or [""])[-1]


def _die_with_parent(wanted: signal.Signals) -> Callable[[], None] | None:
    """Return what the child runs between fork and exec; None where the system has no such service."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl  # looked up here: between fork and exec as little as possible may happen
    parent = os.getpid()

    def ask_the_kernel() -> None:
        prctl(_PR_SET_PDEATHSIG, int(wanted))
        if os.getppid() != parent:  # the parent died before the kernel was asked
            os._exit(1)

    return ask_the_kernel
