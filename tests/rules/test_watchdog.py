"""Refresh sites: main flow, handler by itself, handler on request of the main flow."""

from traces import FLASH, MILLISECOND, RAM, Machine

from swassess.rules.recognise.watchdog import WatchdogUse, recognise_watchdog

KEY = 0x40003000
MAIN, TICK, START = FLASH + 0x900, FLASH + 0xA00, FLASH + 0xB00
REQUEST, COUNTER = RAM + 0x10, RAM + 0x14
NAMES = {MAIN: "main_loop", TICK: "SysTick_Handler", START: "watchdog_start"}


def use_of(machine: Machine, handlers: tuple[str, ...] = ()) -> WatchdogUse:
    return recognise_watchdog(machine.trace(), KEY, lambda address: NAMES.get(address, ""), handlers)


def started() -> Machine:
    machine = Machine()
    machine.at(START)
    machine.peripheral(KEY, 0x5555)
    machine.peripheral(KEY, 0xCCCC)
    return machine


def counting(machine: Machine) -> None:
    machine.at(TICK)
    machine.write(COUNTER, machine.read(COUNTER) + 1)


def test_refresh_in_the_main_flow() -> None:
    machine = started()
    for pause in (10, 10, 25, 10):
        machine.idle(pause * MILLISECOND)
        machine.interrupt(lambda: counting(machine))
        machine.at(MAIN)
        machine.peripheral(KEY, 0xAAAA)
    use = use_of(machine, ("SysTick_Handler",))
    (site,) = use.sites
    assert (site.block, site.function, site.count) == (MAIN, "main_loop", 4)
    assert not site.in_handler
    assert 25 * MILLISECOND <= use.longest < 26 * MILLISECOND
    assert use.started is not None


def handler_refreshes(machine: Machine, ask: bool) -> None:
    def handler() -> None:
        counting(machine)
        if machine.read(REQUEST) or not ask:
            machine.peripheral(KEY, 0xAAAA)
            machine.write(REQUEST, 0)

    for number in range(40):
        machine.idle(MILLISECOND)
        if number % 4 == 0:
            machine.at(MAIN)
            machine.write(REQUEST, 1)
        machine.interrupt(handler)


def test_refresh_in_a_handler_is_seen_by_its_stacking() -> None:
    machine = started()
    handler_refreshes(machine, ask=False)
    (site,) = use_of(machine).sites
    assert site.in_handler
    assert site.independent_of_main


def test_refresh_on_request_of_the_main_flow() -> None:
    machine = started()
    handler_refreshes(machine, ask=True)
    (site,) = use_of(machine, ("SysTick_Handler",)).sites
    assert site.in_handler
    assert site.gates == (REQUEST,)
    assert not site.independent_of_main


def test_a_reset_inside_a_handler_does_not_confuse() -> None:
    machine = started()

    def reset() -> None:
        raise InterruptedError

    try:
        machine.interrupt(reset)
    except InterruptedError:
        machine.idle(MILLISECOND)
        machine.resets.append((machine.ticks, "iwdg"))
    for _ in range(3):
        machine.at(MAIN)
        machine.read(RAM)
        machine.peripheral(KEY, 0xAAAA)
    assert not use_of(machine).sites[0].in_handler


def test_never_refreshed() -> None:
    machine = started()
    machine.idle(300 * MILLISECOND)
    use = use_of(machine)
    assert (use.refreshes, use.sites) == (0, ())
    assert use.longest == 300 * MILLISECOND
