"""A program on a terminal of its own, as a person has it."""

import contextlib
import os
import pty
import re
import select
import signal
import time


class Terminal:
    """Starts a command on a pseudo-terminal; `expect` waits for what it shows, `type` presses keys."""

    def __init__(self, command, **environment):
        self.shown, self.seen = "", 0
        self.process, self.file = pty.fork()
        if self.process == 0:
            os.environ.update({"TERM": "xterm", **environment})
            os.execv(command[0], command)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.process, signal.SIGKILL)
        os.close(self.file)
        with contextlib.suppress(ChildProcessError):
            os.waitpid(self.process, 0)

    def type(self, text):
        os.write(self.file, text.encode())

    def expect(self, pattern, seconds=60):
        """Waits until something that matches comes after what was expected before; returns the match."""
        end = time.monotonic() + seconds
        while not (found := re.search(pattern, self.shown[self.seen :])):
            ready, _, _ = select.select([self.file], [], [], max(0, end - time.monotonic()))
            data = b""
            if ready:
                with contextlib.suppress(OSError):  # the other end is closed
                    data = os.read(self.file, 65536)
            if not data:
                raise AssertionError(f"expected {pattern!r}, found {self.shown[self.seen :]!r}")
            self.shown += data.decode("utf-8", "replace")
        self.seen += found.end()
        return found

    def wait(self):
        """The exit status; the rest of what is shown is read first."""
        with contextlib.suppress(OSError):
            while data := os.read(self.file, 65536):
                self.shown += data.decode("utf-8", "replace")
        return os.waitstatus_to_exitcode(os.waitpid(self.process, 0)[1])
