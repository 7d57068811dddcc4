"""The campaigns of the rows: which faults, how they are resolved, one outcome each."""
