"""What the commands do, as functions of Python: one file a function, named as the command is."""
