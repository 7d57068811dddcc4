"""Which class serves a behaviour's id (targets/behaviours/<id>.yaml). Blocks that are compiled are not listed."""

from swassess.emulator.peripherals.behaviour import Behaviour
from swassess.emulator.peripherals.crc_stm32 import CrcV1, CrcV2
from swassess.emulator.peripherals.iwdg_stm32_v2 import IwdgV2
from swassess.emulator.peripherals.rcc_stm32f0 import Stm32F0Rcc
from swassess.emulator.peripherals.rcc_stm32f1 import Stm32F1Rcc
from swassess.emulator.peripherals.rcc_stm32g0 import Stm32G0Rcc
from swassess.emulator.peripherals.wwdg_stm32 import Wwdg

BEHAVIOURS: dict[str, type[Behaviour]] = {
    "stm32-crc-v1": CrcV1,
    "stm32-crc-v2": CrcV2,
    "stm32-iwdg-v2": IwdgV2,
    "stm32-wwdg-v1": Wwdg,
    "stm32f0-rcc-v1": Stm32F0Rcc,
    "stm32f1-rcc-v1": Stm32F1Rcc,
    "stm32g0-rcc-v1": Stm32G0Rcc,
}
