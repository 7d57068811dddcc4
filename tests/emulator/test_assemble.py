"""The committed images are what their sources assemble to."""

import pytest
from assemble import assemble, sources


@pytest.mark.needs("arm-none-eabi-gcc")
@pytest.mark.parametrize("name", [path.stem for path in sources()])
def test_images_are_in_step_with_their_sources(name: str) -> None:
    (source,) = (path for path in sources() if path.stem == name)
    assert source.with_suffix(".image").read_text(encoding="ascii") == assemble(source)


def test_every_source_has_its_image() -> None:
    assert sources()
    for source in sources():
        assert source.with_suffix(".image").exists(), f"run python {__file__.replace('test_', '')}"
