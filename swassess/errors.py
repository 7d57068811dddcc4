"""The exceptions of the package: one small tree, every message one sentence that says what, where and how to mend."""


class SwassessError(Exception):
    """Root of the tree; the command line prints its message and ends with exit code 2."""


class UsageError(SwassessError):
    """The command line or an option does not make sense."""


class SubmissionError(SwassessError):
    """The submission cannot be used: manifest, paths, archive, documents."""


class ImageError(SwassessError):
    """A firmware image cannot be read or does not fit the declared MCU."""


class ExpressionError(SwassessError):
    """An oracle, plant equation or hazard condition cannot be compiled."""


class CatalogueError(SwassessError):
    """A file under checks/ or targets/ is missing or malformed."""


class EmulationError(SwassessError):
    """The emulated MCU cannot run this image or scenario."""


class FaultError(SwassessError):
    """A fault identity is malformed or names something that does not exist."""


class StoreError(SwassessError):
    """The evaluation's store is unreadable, from another image or another version."""
