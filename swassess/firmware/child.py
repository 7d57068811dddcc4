"""The child process that parses a stranger's ELF file: bytes on standard input, one JSON document on standard output.

{"facts": {...}} on success, {"error": "one sentence"} where the file is refused. Run by child_process.py.
"""

import json
import sys
from typing import Any

from swassess.errors import ImageError
from swassess.firmware.dwarf_reader import DebugReader
from swassess.firmware.elf_reader import read_elf_parts

_LARGEST_ANSWER = 256 * 1024 * 1024


def limit_memory(limit: int) -> None:
    """Cap the address space, where the platform can."""
    try:
        import resource
    except ImportError:  # Windows
        return
    try:
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))
    except (ValueError, OSError):  # macOS knows the name but refuses
        return


def parse(data: bytes) -> dict[str, Any]:
    """Everything about the file. Raises ImageError where the image itself is unusable; damaged debug information is
    told in "debug_problem" and leaves the debug parts empty."""
    elf, facts = read_elf_parts(data)
    facts["debug"] = None
    facts["debug_problem"] = ""
    if not elf.has_dwarf_info(strict=True):
        return facts
    allocated = [
        (address, address + size) for _, address, _, size, _, is_allocated in facts["sections"] if is_allocated
    ]
    try:
        facts["debug"] = DebugReader(elf, allocated).read()
    except MemoryError:
        raise
    except Exception as error:  # pyelftools raises nearly anything on damaged input
        facts["debug_problem"] = f"the debug information cannot be read ({type(error).__name__}: {error})"[:300]
    return facts


def main() -> int:
    limit_memory(int(sys.argv[1]))
    sys.setrecursionlimit(60_000)  # long chains of structures that point to each other
    try:
        answer = json.dumps({"facts": parse(sys.stdin.buffer.read())}, separators=(",", ":"))
        if len(answer) > _LARGEST_ANSWER:
            raise ImageError("the ELF file holds too much to be a microcontroller's program.")
    except ImageError as error:
        answer = json.dumps({"error": str(error)})
    except MemoryError:
        answer = json.dumps({"error": "reading the ELF file needs more memory than is allowed; the file is damaged."})
    except Exception as error:
        answer = json.dumps({"error": f"the ELF file is damaged ({type(error).__name__}: {error})."[:300]})
    sys.stdout.write(answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
