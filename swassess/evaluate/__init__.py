"""The main job: submission -> evidence -> findings -> evaluation; and the story of a single fault."""

from swassess.evaluate.job import evaluate
from swassess.evaluate.options import Options, Progress
from swassess.evaluate.story import Story, inject

__all__ = ["Options", "Progress", "Story", "evaluate", "inject"]
