"""All estimands: importing this package imports every file in it, so that a new file needs no list."""

import pkgutil
from importlib import import_module

from mcdiv.estimands import shannon, symmetric  # noqa: F401  the familiar ones come first in every list

for _module in pkgutil.iter_modules(__path__):
    import_module(f"{__name__}.{_module.name}")
