"""The MCU that a submission declares, checked against its image."""

from swassess.firmware.core_needs import check_core_fits, core_needs
from swassess.firmware.elf_facts import ElfFacts
from swassess.firmware.vector_search import find_vector_tables
from swassess.model.declared import Declaration
from swassess.model.target import TargetDescription
from swassess.target_data import find_target, generic_target
from swassess.target_data.generic import generic_name


def declared_target(declaration: Declaration, facts: ElfFacts) -> TargetDescription:
    """The declared part; of a generic one ("cortex-m3") flash and RAM are the declared ranges.

    Raises CatalogueError for an unknown part, ImageError where the image has no vectors or the core cannot run it.
    """
    name = generic_name(declaration.part)
    flash, ram = declaration.flash, declaration.ram
    if name is None:
        target = find_target(declaration.part)
    else:
        target = generic_target(name, [(flash.start, flash.end)], [(ram.start, ram.end)], ram.end)
    table = find_vector_tables(facts.image, facts).best
    check_core_fits(target, core_needs(facts.image, facts, [table.reset]))
    return target
