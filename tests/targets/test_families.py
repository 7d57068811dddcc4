"""Facts of the families against their documents, by hand, and against the register descriptions that pyOCD carries."""

import io
import re
import zipfile
from importlib.resources import files
from xml.etree import ElementTree

import pytest

from swassess.model.declared import AddressRange
from swassess.model.target import Memory, Peripheral, TargetDescription
from swassess.target_data import all_lines, find_target

KIB = 1024


def _block(target: TargetDescription, name: str) -> Peripheral:
    block = target.peripheral(name)
    assert block is not None, name
    return block


def _numbers(target: TargetDescription, name: str) -> list[int]:
    return [interrupt.number for interrupt in _block(target, name).interrupts]


@pytest.mark.parametrize(
    ("part", "flash", "ram", "page", "core"),
    [
        ("STM32F030F4P6", 16, 4, 1024, "cortex-m0"),
        ("STM32F030C8T6", 64, 8, 1024, "cortex-m0"),
        ("STM32F030CCT6", 256, 32, 2048, "cortex-m0"),
        ("STM32F042K6T6", 32, 6, 1024, "cortex-m0"),
        ("STM32F051R8T6", 64, 8, 1024, "cortex-m0"),
        ("STM32F070RBT6", 128, 16, 2048, "cortex-m0"),
        ("STM32F072RBTx", 128, 16, 2048, "cortex-m0"),
        ("stm32f091rct6", 256, 32, 2048, "cortex-m0"),
        ("STM32G030F6P6", 32, 8, 2048, "cortex-m0plus"),
        ("STM32G031K8T6", 64, 8, 2048, "cortex-m0plus"),
        ("STM32G071RBT6", 128, 36, 2048, "cortex-m0plus"),
        ("STM32G0B1RET6", 512, 144, 2048, "cortex-m0plus"),
        ("STM32F100RBT6", 128, 8, 1024, "cortex-m3"),
        ("STM32F101C8T6", 64, 10, 1024, "cortex-m3"),
        ("STM32F103C6T6", 32, 10, 1024, "cortex-m3"),
        ("STM32F103ZET6", 512, 64, 2048, "cortex-m3"),
        ("STM32F103RGT6", 1024, 96, 2048, "cortex-m3"),
        ("STM32F107VCT6", 256, 64, 2048, "cortex-m3"),
        ("STM32F401CCU6", 256, 64, 16384, "cortex-m4"),
        ("STM32F411CEU6", 512, 128, 16384, "cortex-m4"),
        ("STM32F446RET6", 512, 128, 16384, "cortex-m4"),
        ("STM32L432KCU6", 256, 48, 2048, "cortex-m4"),
        ("STM32L476RGT6", 1024, 96, 2048, "cortex-m4"),
        ("STM32G431CBT6", 128, 22, 2048, "cortex-m4"),
        ("STM32G474RET6", 512, 96, 2048, "cortex-m4"),
    ],
)
def test_sizes(part: str, flash: int, ram: int, page: int, core: str) -> None:
    target = find_target(part)
    assert target.flash == AddressRange(0x08000000, 0x08000000 + flash * KIB)
    assert target.ram == AddressRange(0x20000000, 0x20000000 + ram * KIB)
    assert target.rams[0] == Memory("RAM", target.ram)
    assert target.flash_page == page
    assert target.core == core
    assert target.vectors == 0x08000000


@pytest.mark.parametrize(
    ("part", "flash", "flash_size", "ram", "ram_size", "core", "pyocd"),
    [
        ("STM32F303VCT6", 0x08000000, 256, 0x20000000, 40, "cortex-m4", ""),
        ("STM32L152RET6", 0x08000000, 512, 0x20000000, 80, "cortex-m3", ""),
        ("STM32L031K6T6", 0x08000000, 32, 0x20000000, 8, "cortex-m0plus", "stm32l031x6"),
        ("STM32F746ZGT6", 0x08000000, 1024, 0x20000000, 320, "cortex-m7", ""),
        ("STM32F767ZIT6", 0x08000000, 2048, 0x20000000, 512, "cortex-m7", "stm32f767zi"),
        ("ATSAMR21G18A", 0, 256, 0x20000000, 32, "cortex-m0plus", ""),
        ("GD32F130C8T6", 0x08000000, 64, 0x20000000, 8, "cortex-m3", ""),
        ("GD32F103RBT6", 0x08000000, 128, 0x20000000, 20, "cortex-m3", ""),
        ("M031LC2AE", 0, 32, 0x20000000, 8, "cortex-m0", ""),
        ("M032SE3AE", 0, 128, 0x20000000, 16, "cortex-m0", ""),
        ("nRF51822_xxAA", 0, 256, 0x20000000, 16, "cortex-m0", "nrf51"),
        ("nRF52832-QFAA", 0, 512, 0x20000000, 64, "cortex-m4", "nrf52832"),
        ("nRF52840_xxAA", 0, 1024, 0x20000000, 256, "cortex-m4", "nrf52840"),
        ("RP2040", 0x10000000, 2048, 0x20000000, 264, "cortex-m0plus", "rp2040"),
        ("ATSAMD21G18A", 0, 256, 0x20000000, 32, "cortex-m0plus", ""),
        ("ATSAM3X8E", 0x80000, 512, 0x20070000, 96, "cortex-m3", ""),
        ("LPC1768FBD100", 0, 512, 0x10000000, 32, "cortex-m3", "lpc1768"),
        ("MK64FN1M0VLL12", 0, 1024, 0x1FFF0000, 256, "cortex-m4", "k64f"),
        ("MKL25Z128VLK4", 0, 128, 0x1FFFF000, 16, "cortex-m0plus", "kl25z"),
        ("HC32F460KETA", 0, 512, 0x1FFF8000, 188, "cortex-m4", "hc32f460xe"),
        ("R7FA4M1AB3CFP", 0, 256, 0x20000000, 32, "cortex-m4", ""),
        ("TM4C123GH6PM", 0, 256, 0x20000000, 32, "cortex-m4", ""),
        ("XMC4500-F100x1024", 0x08000000, 1024, 0x20000000, 64, "cortex-m4", ""),
    ],
)
def test_parts_of_other_makers(
    part: str, flash: int, flash_size: int, ram: int, ram_size: int, core: str, pyocd: str
) -> None:
    target = find_target(part)
    assert target.flash == AddressRange(flash, flash + flash_size * KIB)
    assert target.ram == AddressRange(ram, ram + ram_size * KIB)
    assert (target.core, target.pyocd_target) == (core, pyocd)


def test_facts_of_other_makers_by_hand() -> None:
    """One address and one interrupt of each maker, from the documents."""
    facts = {
        "STM32F303VC": ("PWR", 0x40007000, "USART1", 37),
        "STM32L152RE": ("PWR", 0x40007000, "TIM5", 46),
        "STM32L073RZ": ("LPUART1", 0x40004800, "RNG_LPUART1", 29),
        "STM32F746ZG": ("ETH", 0x40028000, "USART6", 71),
        "GD32F130C8": ("FWDGT", 0x40003000, "USART0", 27),
        "GD32F103RB": ("TIMER0", 0x40012C00, "EXTI10_15", 40),
        "M031LC2AE": ("UART0", 0x40070000, "TMR0", 8),
        "nRF52832_xxAA": ("RTC1", 0x40011000, "RTC1", 17),
        "nRF51822_xxAA": ("GPIO", 0x50000000, "POWER_CLOCK", 0),
        "RP2040": ("WATCHDOG", 0x40058000, "UART0_IRQ", 20),
        "ATSAMD21G18A": ("WDT", 0x40001000, "SERCOM0", 9),
        "ATSAM3X8E": ("UART", 0x400E0800, "UART", 8),
        "LPC1768": ("UART0", 0x4000C000, "UART0", 5),
        "MK64FN1M0": ("WDOG", 0x40052000, "UART0_RX_TX", 31),
        "TM4C123GH6": ("SYSCTL", 0x400FE000, "UART0", 5),
        "XMC4500F100x1024": ("WDT", 0x50008000, "USIC0_0", 84),
        "R7FA4M1AB3CFP": ("IWDT", 0x40044400, "IEL31", 31),
    }
    for part, (block, base, interrupt, number) in facts.items():
        target = find_target(part)
        assert _block(target, block).base == base, part
        found = target.interrupt(interrupt)
        assert found is not None, part
        assert found.number == number, part


def test_lines_of_the_f1_differ_where_the_manual_says() -> None:
    high, medium, value = (find_target(part) for part in ("STM32F103ZE", "STM32F103RB", "STM32F100RB"))
    assert (high.max_hz, value.max_hz) == (72_000_000, 24_000_000)
    assert _numbers(high, "TIM8") == [43, 44, 45, 46]
    assert medium.peripheral("TIM8") is None
    assert medium.peripheral("GPIOF") is None
    assert _block(high, "GPIOG").base == 0x40012000
    assert _block(high, "UART5").base == 0x40005000
    assert _block(high, "ADC3").base == 0x40013C00
    assert [one.name for one in _block(high, "DMA2").interrupts][-1] == "DMA2_Channel4_5"
    assert value.peripheral("CAN1") is None
    assert _block(value, "CEC").base == 0x40007800
    connectivity = find_target("STM32F107VC")
    assert _block(connectivity, "CAN2").base == 0x40006800
    assert connectivity.interrupt("OTG_FS") is not None
    assert _block(connectivity, "DBGMCU").registers[0].reset & 0xFFF == 0x418


def test_blocks_that_share_an_interrupt() -> None:
    target = find_target("STM32G0B1RE")
    assert _numbers(target, "LPUART2") == _numbers(target, "USART2") == [28]
    assert _numbers(target, "USART5") == _numbers(target, "LPUART1") == [29]
    assert _numbers(target, "TIM4") == _numbers(target, "TIM3") == [16]
    assert _numbers(target, "DMA2") == [11]
    assert _numbers(find_target("STM32F091RC"), "USART8") == [29]


def test_core_blocks_are_those_of_the_core() -> None:
    cpuids = {part: _block(find_target(part), "SCB").register("CPUID") for part in ("STM32F051R8", "STM32G071RB")}
    assert [one.reset & 0xFFF0 for one in cpuids.values() if one is not None] == [0xC200, 0xC600]
    small = find_target("STM32F051R8")
    assert _block(small, "NVIC").behaviour == "armv6m-nvic"
    assert small.priority_bits == 2
    assert not small.mpu
    assert find_target("STM32G071RB").mpu
    assert find_target("STM32G071RB").architecture == "armv6-m"
    calibration = _block(find_target("STM32F103C8"), "SysTick").register("CALIB")
    assert calibration is not None
    assert calibration.reset == 9000


def test_ports_have_their_own_reset_values() -> None:
    target = find_target("STM32G071RB")
    values = {name: _block(target, name).register("MODER") for name in ("GPIOA", "GPIOB")}
    assert [one.reset for one in values.values() if one is not None] == [0xEBFFFFFF, 0xFFFFFFFF]


def test_memory_with_checks() -> None:
    g0 = find_target("STM32G071RB")
    assert g0.ram_parity == AddressRange(0x20000000, 0x20008000)
    assert g0.flash_ecc == 8
    f0 = find_target("STM32F051R8")
    assert f0.ram_parity == f0.ram
    assert f0.flash_ecc == 0
    f1 = find_target("STM32F103C8")
    assert f1.ram_parity is None
    assert (f1.flash_size_at, f1.unique_id_at) == (0x1FFFF7E0, 0x1FFFF7E8)


def test_several_memories() -> None:
    f4 = find_target("STM32F429ZI")
    assert f4.ram == AddressRange(0x20000000, 0x20030000)
    assert Memory("CCM", AddressRange(0x10000000, 0x10010000)) in f4.rams
    assert f4.flash_sectors[:6] == (0x4000, 0x4000, 0x4000, 0x4000, 0x10000, 0x20000)
    assert sum(f4.flash_sectors[:12]) == 0x100000  # the second bank begins with small sectors again
    l4 = find_target("STM32L432KC")
    assert Memory("SRAM2", AddressRange(0x10000000, 0x10004000)) in l4.rams
    assert Memory("SRAM2 alias", AddressRange(0x2000C000, 0x20010000), 0x10000000) in l4.memories
    assert l4.ram_parity == AddressRange(0x10000000, 0x10004000)
    assert find_target("STM32G071RB").rams == (Memory("RAM", AddressRange(0x20000000, 0x20009000)),)


def test_flash_controllers_know_the_layout_of_the_flash() -> None:
    def parameters(part: str, name: str = "FLASH") -> dict[str, object]:
        return dict(_block(find_target(part), name).parameters)

    assert parameters("STM32F446RE")["sectors"] == [16, 16, 16, 16, 64, 128, 128, 128]
    assert parameters("STM32F429ZI")["sectors"] == 2 * [16, 16, 16, 16, 64, 128, 128, 128, 128, 128, 128, 128]
    assert parameters("STM32F746ZG")["sectors"] == [32, 32, 32, 32, 128, 256, 256, 256]
    assert parameters("STM32F103C8")["page"] == 1024
    assert parameters("STM32F103ZE")["page"] == 2048
    assert parameters("STM32G071RB")["page"] == 2048
    assert parameters("M031SG8AE", "FMC")["page"] == 2048
    assert parameters("STM32L476RG")["ram_parity_bit"] == 24
    assert parameters("STM32L476RG", "RCC")["trim_middle"] == 16
    assert parameters("STM32L432KC", "RCC")["trim_middle"] == 64
    assert parameters("STM32L496ZG", "RCC")["trim_middle"] == 64
    assert parameters("STM32L476RG", "RTC")["exti"] == {"alarm": 18, "wakeup": 20}


def test_requests_of_the_dma() -> None:
    channels = _block(find_target("STM32F103RB"), "DMA1").parameters["requests"]
    assert "USART1_TX" in channels[4]
    assert "ADC1" in channels[1]
    routed = _block(find_target("STM32G071RB"), "DMAMUX1").parameters["requests"]
    assert (routed[5], routed[50], routed[51]) == ("ADC1", "USART1_RX", "USART1_TX")
    assert _block(find_target("STM32G0B1RE"), "DMA2").parameters["mux_first"] == 7
    selected = _block(find_target("STM32F091RC"), "DMA1").parameters["requests"]
    assert selected[2][8] == "USART1_TX"


# Ours -> theirs, where the maker's reference manual and the description use different names.
OTHER_NAMES = {
    "CAN1": "CAN", "DBGMCU": "DBG", "DMA1": "DMA", "FLASH": "Flash", "ADC1": "ADC", "ADC_Common": "C_ADC",
    "SAI1": "SAI",
    "ETH": "Ethernet_MAC", "USB_OTG_HS": "OTG_HS_GLOBAL", "USB_OTG_FS": "OTG_FS_GLOBAL", "USB": "USB_FS", "DAC": "DAC1",
    "SysTick": "STK", "SDMMC1": "SDMMC", "DFSDM1": "DFSDM", "LPTIM1": "LPTIM",
    "FIREWALL": "Firewall",
}  # fmt: skip
_HALVES = {
    "Ethernet_MMC", "Ethernet_PTP", "Ethernet_DMA", "OTG_HS_HOST", "OTG_HS_DEVICE", "OTG_HS_PWRCLK", "OTG_FS_HOST",
    "OTG_FS_DEVICE", "OTG_FS_PWRCLK",
}  # fmt: skip
# part -> its description, blocks of the description that this part does not have or that are described otherwise
DESCRIBED = {
    "STM32F103ZE": {
        # of the XL-density line
        "TIM9", "TIM10", "TIM11", "TIM12", "TIM13", "TIM14",
        # starts at its first register there, at the block here; the NVIC at the core's whole space there
        "BKP", "NVIC",
    },
    "STM32F103RG": {"BKP", "NVIC"},
    "STM32F051R8": {
        # lies within SYSCFG, whose register it is here
        "COMP",
        # of the F07x and F09x
        "GPIOE",
    },
    "STM32F091RC": {"COMP"},
    # blocks of parts of one block of ours; I2S extensions are not described; NVIC as above
    "STM32F429ZI": {*_HALVES, "I2S2ext", "I2S3ext", "NVIC"},
    "STM32F439ZI": {*_HALVES, "I2S2ext", "I2S3ext", "NVIC"},
    # the description is of all parts of the line; core registers that are none of the core's three blocks here
    "STM32L432KC": {
        "TIM3", "LCD", "SPI2", "USART3", "UART4", "I2C2", "I2C4", "SDMMC", "DFSDM", "GPIOD", "GPIOE", "ADC2", "ADC3",
        "AES", "SCB_ACTRL", "FPU_CPACR", "FPU", "MPU", "NVIC_STIR",
    },
    # the description is of all parts of category 1 to 5
    "STM32L031K6": {
        "TIM3", "TIM6", "TIM7", "SPI2", "USART1", "USART4", "USART5", "I2C2", "I2C3", "AES", "GPIOD", "GPIOE",
    },
    # the description is that of the L476 and L486; USB: the L475 has OTG_FS
    "STM32L475VG": {"LCD", "CRS", "USB", "AES", "NVIC"},
}  # fmt: skip
# The description's shorter or older names of the same interrupt.
OTHER_INTERRUPTS = {"ADC": "ADC1_2", "RTCAlarm": "RTC_Alarm", "USB_FS_WKUP": "USBWakeUp", "CAN1_TX": "USB_HP_CAN1_TX",
                    "CAN1_RX0": "USB_LP_CAN1_RX0", "LCD_TFT": "LTDC", "LCD_TFT_1": "LTDC_ER"}  # fmt: skip
# the description of the L47x has the random numbers' interrupt one position too early (RM0351 table 57 has AES there)
WRONG = {("STM32L475VG", 79)}


def _described(name: str) -> tuple[dict[str, int], dict[int, set[str]]]:
    """Base addresses and interrupts of one of pyOCD's register descriptions."""
    archive = files("pyocd.debug.svd") / "svd_data.zip"
    with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as content:
        member = next(one for one in content.namelist() if one.rsplit(".", 1)[0] == name)
        root = ElementTree.fromstring(content.read(member))
    bases: dict[str, int] = {}
    interrupts: dict[int, set[str]] = {}
    for block in root.iter("peripheral"):
        bases[block.findtext("name", "")] = int(block.findtext("baseAddress", "0"), 0)
        for interrupt in block.findall("interrupt"):
            number = int(interrupt.findtext("value", "0"), 0)
            interrupts.setdefault(number, set()).add(interrupt.findtext("name", "").removesuffix("_IRQ"))
    return bases, interrupts


@pytest.mark.parametrize("part", sorted(DESCRIBED))
def test_addresses_and_interrupts_are_those_of_the_maker(part: str) -> None:
    pytest.importorskip("pyocd")
    target = find_target(part)
    bases, interrupts = _described(target.svd)
    compared = 0
    for name, base in bases.items():
        if name in DESCRIBED[part]:
            continue
        if name == "ADC123_Common":
            name = "C_ADC"
        ours = target.peripheral(name) or target.peripheral(
            next((mine for mine, theirs in OTHER_NAMES.items() if theirs == name), "")
        )
        assert ours is not None, f"{name} at 0x{base:08X} is not described"
        assert ours.base == base, name
        compared += 1
    assert compared > 25
    for interrupt in target.interrupts:
        for theirs in interrupts.get(interrupt.number, set()):
            if (part, interrupt.number) in WRONG:
                continue
            mine = _words(interrupt.name)
            assert mine & _words(OTHER_INTERRUPTS.get(theirs, theirs)), f"{interrupt} is {theirs}"


def _words(name: str) -> set[str]:
    """The blocks that an interrupt's name mentions: "DMA_CH2_3" and "DMA1_Channel2_3" agree on DMA."""
    return {re.sub(r"\d+$", "", word) for word in name.split("_") if not word.isdigit() and len(word) > 2}


def test_targets_of_pyocd_exist() -> None:
    pytest.importorskip("pyocd")
    from pyocd.target import TARGET

    named = {line.model.pyocd_target for line in all_lines()}
    named |= {part.pyocd_target for line in all_lines() for part in line.parts if part.pyocd_target}
    assert sorted(named - {""} - set(TARGET)) == []


def test_descriptions_of_pyocd_exist() -> None:
    pytest.importorskip("pyocd")
    archive = files("pyocd.debug.svd") / "svd_data.zip"
    with zipfile.ZipFile(io.BytesIO(archive.read_bytes())) as content:
        carried = {name.rsplit(".", 1)[0] for name in content.namelist()}
    assert sorted({line.model.svd for line in all_lines()} - {""} - carried) == []


def test_every_part_starts_from_a_described_oscillator() -> None:
    for line in all_lines():
        target = find_target(line.parts[0].pattern.replace("x", "Z"))
        assert target.reset_clock is not None, line.file
        assert target.slow_clock is not None or target.series in ("RP2040", "LPC176x"), line.file
    assert find_target("cortex-m3").reset_clock is not None
    names = {"STM32L476RG": "MSI", "STM32G071RB": "HSI16", "STM32F103C8": "HSI", "M031LC2AE": "HIRC"}
    for part, name in names.items():
        clock = find_target(part).reset_clock
        assert clock is not None
        assert clock.name == name
