"""The C types of firmware variables, as the debug information gives them (typedef, const and volatile stripped)."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class VoidType:
    """`void`, and the target of pointers whose type is unknown. Size 0."""

    name: str = "void"
    size: int = 0


@dataclass(frozen=True, slots=True)
class BaseType:
    """An arithmetic type. size: bytes; signed: of integers (floating types are signed); boolean: `_Bool`."""

    name: str
    size: int
    signed: bool
    floating: bool = False
    boolean: bool = False


@dataclass(frozen=True, slots=True)
class EnumType:
    """An enumeration: size in bytes, signedness of its integer type, enumerators as (name, value)."""

    name: str
    size: int
    signed: bool
    enumerators: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class FunctionType:
    """A function, met only as the target of pointers. Size 0."""

    name: str = "function"
    size: int = 0


@dataclass(slots=True, eq=False)
class PointerType:
    """A pointer; `target` may lead back to the structure that holds the pointer. size: bytes (4)."""

    size: int
    target: "CType" = field(default_factory=VoidType, repr=False)

    @property
    def name(self) -> str:
        return f"{self.target.name} *"


@dataclass(frozen=True, slots=True)
class Member:
    """One member: byte offset in the structure; bit fields give bit_offset (from the lowest bit of byte `offset`, may
    exceed 7) and bit_size, others have bit_size 0. Members of unnamed structures and unions have an empty name."""

    name: str
    type: "CType"
    offset: int
    bit_offset: int = 0
    bit_size: int = 0


@dataclass(slots=True, eq=False)
class StructType:
    """A structure or (is_union) a union. size: bytes, 0 where only the declaration is known."""

    name: str
    size: int
    is_union: bool = False
    members: tuple[Member, ...] = field(default=(), repr=False)

    def member(self, name: str) -> Member | None:
        """The member called `name`, looked for in unnamed inner structures and unions too (offsets added up)."""
        return _find_member(self, name, 0)


@dataclass(frozen=True, slots=True, eq=False)
class ArrayType:
    """`count` elements one after another; several dimensions are arrays of arrays. count 0: unknown length."""

    element: "CType"
    count: int

    @property
    def size(self) -> int:
        return self.element.size * self.count

    @property
    def name(self) -> str:
        return f"{self.element.name} [{self.count}]"


def _find_member(struct: StructType, name: str, depth: int) -> Member | None:
    for member in struct.members:
        if member.name == name:
            return member
        if not member.name and isinstance(member.type, StructType) and depth < 32:  # damaged files may nest for ever
            inner = _find_member(member.type, name, depth + 1)
            if inner is not None:
                return Member(name, inner.type, member.offset + inner.offset, inner.bit_offset, inner.bit_size)
    return None


CType = VoidType | BaseType | EnumType | FunctionType | PointerType | StructType | ArrayType


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable with a fixed address. file: its compile unit's source; function: where it is a static inside one;
    line: of its declaration (0: unknown)."""

    name: str
    address: int
    type: CType
    file: str = ""
    function: str = ""
    line: int = 0

    @property
    def size(self) -> int:
        return self.type.size
