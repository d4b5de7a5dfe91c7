"""What a forked kernel finds imported. Only the fork server imports this module.

Nothing here may start a thread, open a socket or read what a run is about: all of that would be the same in each fork.
"""

import gc
import importlib
import os
import pkgutil

# The backend that a kernel has of itself is told to matplotlib when it is imported, which is now.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
os.environ.setdefault("MPLBACKEND", "module://matplotlib_inline.backend_inline")

import ipykernel.kernelapp
import ipykernel.zmqshell  # noqa: F401

import ijbtools.topics
from ijbtools import report  # noqa: F401

for _one in pkgutil.iter_modules(ijbtools.topics.__path__, "ijbtools.topics."):
    importlib.import_module(_one.name)
gc.collect()
gc.freeze()  # what is here stays, so that a collection in a fork does not copy its pages
