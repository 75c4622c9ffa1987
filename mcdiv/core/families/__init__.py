"""All distributions: importing this package imports every file in it, so that a new file needs no list."""

import pkgutil
from importlib import import_module

#: the familiar ones come first in every list
_FIRST = ("named",)

for _name in (*_FIRST, *(module.name for module in pkgutil.iter_modules(__path__))):
    import_module(f"{__name__}.{_name}")
