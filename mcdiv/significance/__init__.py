"""Laws of statistics under "no difference", and what follows from them: p-values, critical values, power."""
