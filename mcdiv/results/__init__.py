"""A run from its scenario to its folder: tables, pictures, report, and how they are read back."""
