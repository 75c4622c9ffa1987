"""How the pages that are not written by hand are made; `python docs/generate.py` writes them."""
