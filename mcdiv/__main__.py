"""`python -m mcdiv` is `mcdiv`."""

from mcdiv.cli import main

if __name__ == "__main__":
    main()
