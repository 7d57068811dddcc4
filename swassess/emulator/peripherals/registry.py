"""Which class serves a behaviour's id (targets/behaviours/<id>.yaml). Blocks that are compiled are not listed."""

from swassess.emulator.peripherals.afio_stm32f1 import AfioStm32F1
from swassess.emulator.peripherals.behaviour import Behaviour
from swassess.emulator.peripherals.bkp_stm32f1 import BkpStm32F1
from swassess.emulator.peripherals.clk_nuvoton_m031 import ClkM031
from swassess.emulator.peripherals.crc_stm32 import CrcV1, CrcV2
from swassess.emulator.peripherals.flash_stm32f1 import FlashF1
from swassess.emulator.peripherals.flash_stm32f4 import FlashF4
from swassess.emulator.peripherals.flash_stm32g0 import FlashG0
from swassess.emulator.peripherals.fmc_nuvoton_m031 import FmcM031
from swassess.emulator.peripherals.iwdg_stm32_v2 import IwdgV2
from swassess.emulator.peripherals.m031_adc import Adc
from swassess.emulator.peripherals.m031_gpio import Pins, Port
from swassess.emulator.peripherals.m031_hdiv import Divider
from swassess.emulator.peripherals.m031_i2c import I2c
from swassess.emulator.peripherals.m031_pdma import Pdma
from swassess.emulator.peripherals.m031_spi import Spi
from swassess.emulator.peripherals.m031_timer import Timer
from swassess.emulator.peripherals.m031_uart import Uart
from swassess.emulator.peripherals.power_stm32 import Power, PowerF4, PowerG0
from swassess.emulator.peripherals.rcc_stm32f0 import Stm32F0Rcc
from swassess.emulator.peripherals.rcc_stm32f1 import Stm32F1Rcc
from swassess.emulator.peripherals.rcc_stm32f4 import Stm32F4Rcc
from swassess.emulator.peripherals.rcc_stm32g0 import Stm32G0Rcc
from swassess.emulator.peripherals.rcc_stm32l4 import Stm32G4Rcc, Stm32L4Rcc
from swassess.emulator.peripherals.rcu_gd32f1x0 import Gd32F1x0Rcu
from swassess.emulator.peripherals.rtc_stm32 import RtcV2, RtcV3
from swassess.emulator.peripherals.rtc_stm32f1 import RtcStm32F1
from swassess.emulator.peripherals.small_stm32 import BackupRegisters, DebugMcu
from swassess.emulator.peripherals.stm32_adc_common import AdcCommon
from swassess.emulator.peripherals.stm32_adc_v1 import AdcV1
from swassess.emulator.peripherals.stm32_adc_v2 import AdcV2
from swassess.emulator.peripherals.stm32_adc_v3 import AdcV3
from swassess.emulator.peripherals.stm32_adc_v4 import AdcV4
from swassess.emulator.peripherals.stm32_dac import Dac
from swassess.emulator.peripherals.stm32_dma_v1 import DmaV1
from swassess.emulator.peripherals.stm32_dma_v2 import DmaV2
from swassess.emulator.peripherals.stm32_dmamux_v1 import DmaMux
from swassess.emulator.peripherals.stm32_i2c_v1 import I2cV1
from swassess.emulator.peripherals.stm32_i2c_v2 import I2cV2
from swassess.emulator.peripherals.stm32_lptim_v1 import LpTimer
from swassess.emulator.peripherals.stm32_rng import Rng
from swassess.emulator.peripherals.stm32_spi_v1 import SpiV1
from swassess.emulator.peripherals.stm32_spi_v2 import SpiV2
from swassess.emulator.peripherals.stm32_usart_v1 import UsartV1
from swassess.emulator.peripherals.stm32_usart_v2 import UsartV2
from swassess.emulator.peripherals.sys_nuvoton_m031 import SysM031
from swassess.emulator.peripherals.syscfg_stm32 import Syscfg
from swassess.emulator.peripherals.wdt_nuvoton_m031 import WdtM031, WwdtM031
from swassess.emulator.peripherals.wwdg_stm32 import Wwdg

BEHAVIOURS: dict[str, type[Behaviour]] = {
    "gd32f1x0-rcu-v1": Gd32F1x0Rcu,
    "nuvoton-m031-adc-v1": Adc,
    "nuvoton-m031-clk-v1": ClkM031,
    "nuvoton-m031-fmc-v1": FmcM031,
    "nuvoton-m031-gpio-pin-v1": Pins,
    "nuvoton-m031-gpio-v1": Port,
    "nuvoton-m031-hdiv-v1": Divider,
    "nuvoton-m031-i2c-v1": I2c,
    "nuvoton-m031-pdma-v1": Pdma,
    "nuvoton-m031-spi-v1": Spi,
    "nuvoton-m031-sys-v1": SysM031,
    "nuvoton-m031-timer-v1": Timer,
    "nuvoton-m031-uart-v1": Uart,
    "nuvoton-m031-wdt-v1": WdtM031,
    "nuvoton-m031-wwdt-v1": WwdtM031,
    "stm32-adc-common-v3": AdcCommon,
    "stm32-adc-common-v4": AdcCommon,
    "stm32-adc-v1": AdcV1,
    "stm32-adc-v2": AdcV2,
    "stm32-adc-v3": AdcV3,
    "stm32-adc-v4": AdcV4,
    "stm32-crc-v1": CrcV1,
    "stm32-crc-v2": CrcV2,
    "stm32-dac-v1": Dac,
    "stm32-dbgmcu-v1": DebugMcu,
    "stm32-dma-v1": DmaV1,
    "stm32-dma-v2": DmaV2,
    "stm32-dmamux-v1": DmaMux,
    "stm32-i2c-v1": I2cV1,
    "stm32-i2c-v2": I2cV2,
    "stm32-iwdg-v2": IwdgV2,
    "stm32-lptim-v1": LpTimer,
    "stm32-rng-v1": Rng,
    "stm32-rtc-v2": RtcV2,
    "stm32-rtc-v3": RtcV3,
    "stm32-spi-v1": SpiV1,
    "stm32-spi-v2": SpiV2,
    "stm32-syscfg-v1": Syscfg,
    "stm32-syscfg-v2": Syscfg,
    "stm32-tamp-v1": BackupRegisters,
    "stm32-usart-v1": UsartV1,
    "stm32-usart-v2": UsartV2,
    "stm32-wwdg-v1": Wwdg,
    "stm32f0-pwr-v1": Power,
    "stm32f0-rcc-v1": Stm32F0Rcc,
    "stm32f1-afio-v1": AfioStm32F1,
    "stm32f1-bkp-v1": BkpStm32F1,
    "stm32f1-flash-v1": FlashF1,
    "stm32f1-pwr-v1": Power,
    "stm32f1-rcc-v1": Stm32F1Rcc,
    "stm32f1-rtc-v1": RtcStm32F1,
    "stm32f4-flash-v1": FlashF4,
    "stm32f4-pwr-v1": PowerF4,
    "stm32f4-rcc-v1": Stm32F4Rcc,
    "stm32f4-syscfg-v1": Syscfg,
    "stm32g0-flash-v1": FlashG0,
    "stm32g0-pwr-v1": PowerG0,
    "stm32g0-rcc-v1": Stm32G0Rcc,
    "stm32g0-syscfg-v1": Syscfg,
    "stm32g4-rcc-v1": Stm32G4Rcc,
    "stm32l4-rcc-v1": Stm32L4Rcc,
}
