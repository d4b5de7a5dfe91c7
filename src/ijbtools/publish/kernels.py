"""The kernels that notebooks run on: ended from outside, quick to go, and where the system can, forked.

A forked kernel is copied from a process that holds its imports, the fork server of the standard library, one for each
worker. Elsewhere a kernel is a Python of its own. What comes of a notebook does not depend on which it was.
"""

import asyncio
import contextlib
import multiprocessing
import os
import random
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

from ijbtools.inputs.workspace import VARIABLE

FORK = "IJB_FORK"  # set to "no", kernels are not forked
_READY = "ijbtools.publish.warm"  # what the fork server imports before the first fork
_IPC_PATH = 90  # bytes; much longer, and a path is no address of a socket
_INLINE = "module://matplotlib_inline.backend_inline"  # what a kernel draws plain figures with
_LOCK = threading.Lock()


def forks() -> bool:
    """Whether kernels are forked here.

    Only on Linux: macOS forbids its own libraries after a fork. Not below a daemonic process, as Dask's nannies start
    them: it may have no children of this kind.
    """
    here = sys.platform == "linux" and not multiprocessing.current_process().daemon
    return here and os.environ.get(FORK, "") != "no"


def make_ready() -> None:
    """Start the fork server, whose imports take a second, so that they are done when the first kernel is asked for."""
    if forks():
        from multiprocessing import forkserver

        _context()
        with unheard():
            forkserver.ensure_running()


@contextlib.contextmanager
def unheard() -> Iterator[None]:
    """What is started meanwhile does not hear a Ctrl-C, which reaches every process of a terminal: it is for us."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)  # a process begins with what its starter ignores
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def kernel_class(environment: dict[str, str], log: IO[str]) -> type["Kernel"]:
    """The kind of kernel for one job: what it finds in its environment, and the file that its own messages go into."""
    return type("JobKernel", (Kernel,), {"environment": environment, "log_file": log})


class Kernel(AsyncKernelManager):
    """A kernel that we can end from outside the thread that runs it."""

    environment: "dict[str, str]" = {}  # noqa: RUF012
    log_file: "IO[str] | None" = None
    alive: "set[Kernel]" = set()  # noqa: RUF012

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._folder = tempfile.TemporaryDirectory(prefix="ijb-", ignore_cleanup_errors=True)
        self.connection_file = str(Path(self._folder.name) / "kernel.json")
        if sys.platform != "win32" and len(os.fsencode(self.connection_file)) < _IPC_PATH:
            self.transport = "ipc"  # no ports to find, none to be taken meanwhile

    async def _async_pre_start_kernel(self, **kwargs: Any) -> tuple[list[str], dict[str, Any]]:
        if forks() and getattr(self, "provisioner", None) is None:
            self.provisioner: Any = Forked(kernel_id=self.kernel_id, kernel_spec=self.kernel_spec, parent=self)
        command, kwargs = await super()._async_pre_start_kernel(**kwargs)
        # Many kernels share the cores, so numpy keeps to one thread.
        environment = {**kwargs["env"], "OPENBLAS_NUM_THREADS": "1", **self.environment}
        # A kernel registered under the same name elsewhere may be another Python, without this package.
        begun = {"env": environment, "cwd": self.environment.get(VARIABLE), "stderr": self.log_file}
        return [sys.executable, *command[1:]], {**kwargs, **begun}

    pre_start_kernel = _async_pre_start_kernel

    async def _async_post_start_kernel(self, **kwargs: Any) -> None:
        await super()._async_post_start_kernel(**kwargs)
        self.alive.add(self)

    post_start_kernel = _async_post_start_kernel

    async def _async_cleanup_resources(self, restart: bool = False) -> None:
        self.alive.discard(self)
        await super()._async_cleanup_resources(restart=restart)
        self._folder.cleanup()

    cleanup_resources = _async_cleanup_resources

    @classmethod
    def end_all(cls) -> None:
        """End every kernel at once; what runs on them fails."""
        for kernel in list(cls.alive):
            process = getattr(kernel.provisioner, "process", None)
            if process is not None:
                with contextlib.suppress(OSError):
                    process.kill()


class Forked(LocalProvisioner):
    """Provides a kernel by a fork instead of a new Python."""

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork the kernel that the command would start."""
        errors = kwargs.get("stderr")
        place = str(kwargs.get("cwd") or Path.cwd())
        given = (
            cmd[cmd.index("ipykernel_launcher") + 1 :],
            kwargs["env"],
            place,
            errors.name if errors else os.devnull,
        )
        with _LOCK:  # jobs of one process may start at the same time
            kernel = _context().Process(target=_be_kernel, args=given, name="kernel")
            kernel.start()
        self.process = _Popen(kernel)
        self.pid = self.pgid = kernel.pid
        self.cwd = place
        return self.connection_info

    async def wait(self) -> int | None:
        """The exit code once it has ended, which is looked for oftener than elsewhere: nobody waits for it to go."""
        while self.process is not None and await self.poll() is None:
            await asyncio.sleep(0.005)
        return await super().wait()


class _Popen:
    """The forked kernel as what jupyter_client expects: a `subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, process: Any) -> None:
        self._process = process
        self.pid = process.pid

    def poll(self) -> int | None:
        """The exit code, or None while it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int | None:
        """The exit code, once it has ended."""
        self._process.join(timeout)
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it, with what it has started."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)
        self.send_signal(signal.SIGKILL)


def _context() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["__main__", _READY])
    return context


def _be_kernel(arguments: list[str], environment: dict[str, str], folder: str, errors: str) -> None:
    """In the fork: what `python -m ipykernel_launcher` does, with nothing left of the process it was copied from."""
    os.setsid()  # signals to the kernel reach what it starts, and those to the terminal do not reach it
    threading.Thread(target=_end_with_parent, daemon=True).start()
    with Path(errors).open("ab", buffering=0) as log:
        os.dup2(log.fileno(), 2)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = ["ipykernel_launcher", *arguments]
    import numpy as np
    from ipykernel.kernelapp import IPKernelApp

    from ijbtools.report.drawing import backend

    random.seed()
    np.random.seed()  # the old generator's state, which every fork would begin with
    backend(environment.get("MPLBACKEND") or _INLINE)  # a kernel tells matplotlib only before its import
    IPKernelApp.launch_instance(arguments, parent_handle=os.getppid())  # it ends with the fork server too


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.killpg(0, signal.SIGKILL)
