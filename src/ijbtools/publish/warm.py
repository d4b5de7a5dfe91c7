"""What a forked kernel finds imported. Only the fork server imports this module.

Nothing here may start a thread, open a socket or read what a run is about: all of that would be the same in each fork.
"""

import gc
import os
import pkgutil
from importlib import import_module

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy starts threads, which no fork would have
os.environ.setdefault("PYDEVD_DISABLE_FILE_VALIDATION", "1")  # nobody sets a breakpoint in Python's own modules

from ijbtools import report, topics

for _name in ("ipykernel.debugger", "ipykernel.kernelapp", "ipykernel.zmqshell"):
    import_module(_name)
for _room in (topics, report):
    for _one in pkgutil.iter_modules(_room.__path__, f"{_room.__name__}."):
        import_module(_one.name)
gc.collect()
gc.freeze()  # what is here stays, so that a collection in a fork does not copy its pages
