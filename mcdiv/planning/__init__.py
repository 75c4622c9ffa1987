"""How many draws a goal takes: the smallest sample size with which it is reached, and stays reached."""
