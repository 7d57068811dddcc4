"""swassess: evaluates the software of MCU controllers row by row of Tables R.1 and R.2."""

__version__ = "0.1.0"
