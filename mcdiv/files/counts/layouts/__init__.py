"""What a table may mean: a layout is one function in one file, from a table to what it counts."""

import pkgutil
from importlib import import_module

for _module in pkgutil.iter_modules(__path__):  # a new file needs no list
    import_module(f"{__name__}.{_module.name}")
