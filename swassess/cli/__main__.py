"""`python -m swassess.cli`: the same as the command `swassess`."""

from swassess.cli.main import run

if __name__ == "__main__":  # worker processes import this module again
    run()
