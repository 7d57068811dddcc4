"""What the sources say: functions with their extents and calls."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class SourceCall:
    """A call in a function's body. target: name of the function, "" where a pointer is called."""

    target: str
    line: int


@dataclass(frozen=True, slots=True)
class SourceFunction:
    """A function's definition: lines are counted from 1, `end` is the last one. Paths relative to the submission.

    front_end: "libclang", "lizard" (extents only, no calls) or "assembly" (labels only, end is the next label's line).
    unit: the C or assembly file whose compilation gave it (differs from file for functions in headers).
    """

    name: str
    file: str
    line: int
    end: int
    static: bool
    front_end: str
    unit: str
    calls: tuple[SourceCall, ...] = ()


@dataclass(frozen=True)
class SourceModel:
    """All functions of all units, by file and line. not_analysed: unit -> why it was not (fully) parsed."""

    functions: tuple[SourceFunction, ...]
    units: tuple[str, ...]
    not_analysed: dict[str, str] = field(default_factory=dict)
    safety_files: frozenset[str] = frozenset()

    def functions_named(self, name: str) -> tuple[SourceFunction, ...]:
        """Definitions of that name (several for statics of different files)."""
        return tuple(function for function in self.functions if function.name == name)

    def place(self, name: str) -> tuple[str, int, int] | None:
        """(file, first line, last line) of the one function of that name, None when unknown or ambiguous."""
        found = {(f.file, f.line, f.end) for f in self.functions_named(name)}
        return found.pop() if len(found) == 1 else None

    def calls(self, name: str) -> tuple[SourceCall, ...]:
        """Calls in all definitions of that name."""
        return tuple(call for function in self.functions_named(name) for call in function.calls)

    def callers(self, name: str) -> tuple[SourceFunction, ...]:
        """Functions whose body calls `name`."""
        return tuple(f for f in self.functions if any(call.target == name for call in f.calls))

    def function_at(self, file: str, line: int) -> SourceFunction | None:
        """The function whose definition holds the line."""
        for function in self.functions:
            if function.file == file and function.line <= line <= function.end:
                return function
        return None

    @property
    def safety_functions(self) -> tuple[str, ...]:
        """Names of the functions that are defined in the safety part, sorted."""
        return tuple(sorted({function.name for function in self.functions if function.file in self.safety_files}))
