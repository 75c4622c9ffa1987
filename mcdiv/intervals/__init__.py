"""All intervals: importing this package imports every file in it, so that a new file needs no list."""

import pkgutil
from importlib import import_module

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
