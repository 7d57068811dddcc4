"""From a finished run to the report: registers, interrupts, faults, what is waited for, what nobody modelled."""

from swassess.boot.machine import Prepared
from swassess.boot.progress import MAIN_LOOP
from swassess.boot.registers import CORE_START, RegisterMap
from swassess.boot.replay import Replay
from swassess.boot.rules import KINDS
from swassess.boot.runner import Runner
from swassess.boot.search import Model
from swassess.emulator import layout as at
from swassess.firmware.vector_search import exception_name
from swassess.model.boot import BootEvent, BootInterrupt, BootLearned, BootRegister, BootReport

_FIRST_INTERRUPT = 16
_LOOK = 100_000  # cycles in which it is seen what a program waits for
_MOST = 8


class Evidence:
    """Collects what a report says; the runner stands where the first counted run ended."""

    def __init__(
        self, prepared: Prepared, names: RegisterMap, runner: Runner, model: Model, first: Replay, second: Replay
    ) -> None:
        self.prepared, self.names, self.runner, self.model = prepared, names, runner, model
        self.first, self.second = first, second
        self.program = prepared.program

    def report(self, trace: tuple[BootEvent, ...]) -> BootReport:
        """The report. Runs the MCU a little further to see what it waits for, last of all."""
        mcu, program, reached = self.runner.mcu, self.program, self.first.reached
        registers = self._registers()
        outside = [one for one in registers if one.address < CORE_START]
        reads = sum(one.reads for one in outside)
        detection = self.prepared.detection
        target = self.prepared.target
        # before anything is run further
        executed, ticks, blocks = self.runner.instructions, mcu.ticks, self.runner.coverage().blocks
        functions = self._functions()
        interrupts, place, line = self._interrupts(), program.name_at(mcu.pc), program.line_at(mcu.pc)
        waiting = () if reached.level == MAIN_LOOP else self._waiting()
        return BootReport(
            image=self.prepared.path.name,
            kind=self.prepared.kind,
            sha256=self.prepared.sha256,
            declared=self.prepared.declared,
            detected=detection.target.part,
            detection=tuple(
                f"{one.part} ({one.confidence}, {one.score:.2f}): {'; '.join(one.reasons)}"
                for one in detection.candidates
            ),
            part=target.part,
            core=target.core,
            target_file=target.file,
            vectors=program.vectors,
            vector_candidates=self.prepared.candidates,
            level=reached.level,
            how=reached.how,
            main=program.name_at(reached.main) if reached.main is not None else "",
            loop=program.name_at(reached.loop) if reached.loop is not None else "",
            loop_line=program.line_at(reached.loop) if reached.loop is not None else "",
            passes=reached.passes,
            ended=self.first.ended,
            waiting=waiting,
            registers=registers,
            learned=self._learned(),
            left=self._left(),
            learned_share=sum(one.learned_reads for one in outside) / reads if reads else 0.0,
            unmodelled=tuple(
                one.name or f"0x{one.address:08X}" for one in outside if one.layer in ("shadow", "learned")
            ),
            faults=tuple(self.first.faults),
            digests=(self.first.digest, self.second.digest),
            notes=self.prepared.notes,
            functions=functions,
            trace=trace,
            instructions=executed,
            ticks=ticks,
            blocks=blocks,
            interrupts=interrupts,
            at=place,
            at_line=line,
        )

    def _registers(self) -> tuple[BootRegister, ...]:
        found = []
        for use in self.runner.mcu.registers_used():
            layer = self.names.layer(use.address)
            if use.learned_reads:
                layer = "learned"
            elif layer != "core" and (use.shadow_reads or use.shadow_writes):
                layer = "shadow"
            found.append(
                BootRegister(
                    use.address,
                    self.names.name(use.address),
                    layer,
                    use.reads,
                    use.learned_reads,
                    use.writes,
                    use.first_block,
                    self.program.name_at(use.first_block),
                )
            )
        return tuple(found)

    def _functions(self) -> tuple[str, ...]:
        coverage, facts = self.runner.coverage(), self.program.facts
        if facts is None:
            return ()
        return tuple(sorted({symbol.name for symbol in facts.functions if coverage.count(symbol.address)}))

    def _learned(self) -> tuple[BootLearned, ...]:
        return tuple(
            BootLearned(
                address=entry.rule.address,
                name=self.names.name(entry.rule.address),
                shown=entry.rule.describe(),
                kind=KINDS[entry.rule.kind],
                mask=entry.rule.mask,
                bits=entry.rule.bits,
                place=entry.rule.block,
                symbol=self.program.name_at(entry.rule.block),
                line=self.program.line_at(entry.rule.block),
                applied=entry.applied,
                tried=entry.tried,
                rejected=tuple(entry.rejected),
                sensitivity=entry.sensitivity,
            )
            for entry in self.model.entries
        )

    def _left(self) -> tuple[str, ...]:
        lines = []
        for (address, block, value), reason in sorted(self.model.left.items()):
            name = self.names.name(address) or f"0x{address:08X}"
            lines.append(f"{name} = 0x{value:08X}, polled in {self.program.name_at(block)}: {reason}")
        return tuple(lines)

    def _interrupts(self) -> tuple[BootInterrupt, ...]:
        taken = self.runner.mcu.state[at.EXCEPTION_TAKEN : at.EXCEPTION_TAKEN + at.EXCEPTIONS]
        target = self.prepared.target
        found = []
        for number in (int(one) for one in taken.nonzero()[0]):
            named = {one.number: one.name for one in target.interrupts}.get(number - _FIRST_INTERRUPT)
            blocks = [
                block.name
                for block in target.peripherals
                if any(one.number == number - _FIRST_INTERRUPT for one in block.interrupts)
            ]
            handler = self.program.handlers.get(number)
            found.append(
                BootInterrupt(
                    number,
                    named if number >= _FIRST_INTERRUPT and named else exception_name(number),
                    "core" if number < _FIRST_INTERRUPT else ", ".join(blocks) or "unknown",
                    self.program.name_at(handler) if handler is not None else "",
                    int(taken[number]),
                )
            )
        return tuple(found)

    def _waiting(self) -> tuple[str, ...]:
        """What the program does where it stays: registers it reads, or that it waits for an interrupt."""
        runner = self.runner
        before = {use.address: use.reads for use in runner.mcu.registers_used()}
        for _ in range(4):
            runner.go(_LOOK)
        read = [
            use for use in runner.mcu.registers_used() if use.reads - before.get(use.address, 0) >= _MOST
            and use.address < CORE_START
        ]  # fmt: skip
        functions = list(dict.fromkeys(self.program.function_name(int(one)) for one in runner.latest(256)))
        lines = [f"it stays in {', '.join(functions[:_MOST])}"] if functions else []
        for use in read[:_MOST]:
            name = self.names.name(use.address) or f"0x{use.address:08X}"
            served = "which nobody models" if self.names.layer(use.address) == "shadow" else "which has a behaviour"
            lines.append(f"it reads {name} again and again, {served}")
        if int(runner.mcu.state[at.SLEEPING]) in (at.IN_WFI, at.IN_WFE):
            lines.append("the core sleeps between interrupts")
        if not read:
            lines.append("it touches no register outside the core: it waits for memory that an interrupt must change")
        lines += self._silent_interrupts()
        return tuple(lines)

    def _silent_interrupts(self) -> list[str]:
        """Interrupts that the program enabled and that never came, with the block that would raise them."""
        state = self.runner.mcu.state
        target = self.prepared.target
        lines = []
        for number in range(_FIRST_INTERRUPT, at.EXCEPTIONS):
            if state[at.ENABLED + number] and not state[at.EXCEPTION_TAKEN + number]:
                handler = self.program.handlers.get(number)
                name = next(
                    (one.name for one in target.interrupts if one.number == number - _FIRST_INTERRUPT),
                    f"interrupt {number - _FIRST_INTERRUPT}",
                )
                place = self.program.name_at(handler) if handler is not None else "no handler"
                lines.append(f"{name} ({place}) is enabled and never came")
        return lines[:_MOST]
