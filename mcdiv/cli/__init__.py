"""The commands: each file parses one command's options, calls the function of that name and prints."""
