"""Boots every firmware of fixtures/boot and prints how far each came: python boot_table.py [NAME ...]."""

import sys
import tomllib
from pathlib import Path

from swassess.boot.boot import boot

FIXTURES = Path(__file__).resolve().parents[2] / "fixtures" / "boot"


def main() -> None:
    names = sys.argv[1:] or sorted(path.parent.name for path in FIXTURES.glob("*/boot.toml"))
    reached = {"main": 0, "main loop": 0}
    print(f"{'image':18} {'declared part':18} {'run as':16} {'reached':14} {'expected':14} {'learned':>8} {'share':>7}")
    for name in names:
        truth = tomllib.loads((FIXTURES / name / "boot.toml").read_text(encoding="utf-8"))
        report = boot(FIXTURES / "images" / f"{name}.elf")
        reached["main"] += report.level in ("main", "main loop")
        reached["main loop"] += report.level == "main loop"
        print(
            f"{name:18} {truth['mcu']:18} {report.part:16} {report.level:14} {truth['truth']['reaches']:14} "
            f"{len(report.learned):8} {report.learned_share:7.1%}",
            flush=True,
        )
    print(f"main: {reached['main']} of {len(names)}, main loop: {reached['main loop']} of {len(names)}")


if __name__ == "__main__":
    main()
