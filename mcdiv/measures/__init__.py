"""All performance measures: importing this package imports every file in it, so that a new file needs no list."""

import pkgutil
from importlib import import_module

#: those of every study come first, in the order of the tables
_FIRST = ("errors", "intervals")

for _name in (*_FIRST, *(module.name for module in pkgutil.iter_modules(__path__))):
    import_module(f"{__name__}.{_name}")
