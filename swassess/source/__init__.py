"""C and assembly sources of a submission: units, functions, calls, file headers."""
