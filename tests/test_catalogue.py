from pathlib import Path

import pytest
from pydantic import Field

from swassess import catalogue
from swassess.catalogue import CatalogueModel, annex4_items, data_folder, load_annex4, load_model, load_yaml
from swassess.errors import CatalogueError


class Inner(CatalogueModel):
    size: int = Field(ge=1)


class Outer(CatalogueModel):
    name: str
    parts: list[Inner] = Field(default_factory=list)


def write(tmp_path: Path, text: str | bytes) -> Path:
    path = tmp_path / "x.yaml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_the_repositorys_own_data_folders_are_found():
    assert (data_folder("checks") / "annex4").is_dir()
    assert data_folder("targets").name == "targets"


def test_an_installed_data_folder_goes_before_the_repositorys(tmp_path, monkeypatch):
    (tmp_path / "_data" / "checks").mkdir(parents=True)
    monkeypatch.setattr(catalogue, "files", lambda package: tmp_path)
    assert data_folder("checks") == tmp_path / "_data" / "checks"


def test_an_unknown_data_folder_is_told():
    with pytest.raises(CatalogueError, match="the data folder 'nothing' is neither at"):
        data_folder("nothing")


def test_a_valid_file(tmp_path):
    model = load_model(write(tmp_path, "name: x\nparts:\n  - {size: 3}\n"), Outer)
    assert model == Outer(name="x", parts=[Inner(size=3)])
    assert load_yaml(tmp_path / "x.yaml") == {"name": "x", "parts": [{"size": 3}]}


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        ("name: [", 1, "not valid YAML"),
        ("a: 1\n\tb: 2\n", 2, "not valid YAML"),
        ("name: x\nname: y\n", 2, "the key 'name' stands twice"),
        ("name: x\nparts:\n  - {size: 1, size: 2}\n", 3, "the key 'size' stands twice"),
        ("name: x\nnmae: y\n", 2, "nmae: extra inputs are not permitted"),
        ("name: 3\n", 1, "name: input should be a valid string"),
        ("name: x\nparts:\n  - {size: 1}\n  - {size: 0}\n", 4, "parts.1.size: input should be greater than or equal"),
        ("parts: []\n", 1, "name: field required"),
        ("name: !!python/object/apply:os.getcwd []\n", 1, "could not determine a constructor"),
        ("- 1\n", 1, "the file: input should be"),
        ("", 1, "the file: input should be"),
    ],
)
def test_problems_are_told_with_file_and_line(tmp_path, text, line, expected):
    path = write(tmp_path, text)
    with pytest.raises(CatalogueError) as caught:
        load_model(path, Outer)
    assert str(caught.value).startswith(f"{path}:{line}: ")
    assert expected in str(caught.value)


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"\xff\xfe\xfa", "not UTF-8"), (b"a: \x07", "not valid YAML"), (b"[" * 3000, "not valid YAML")],
)
def test_files_that_are_no_yaml(tmp_path, content, expected):
    with pytest.raises(CatalogueError, match=expected):
        load_yaml(write(tmp_path, content))


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(CatalogueError, match="cannot be read"):
        load_yaml(tmp_path / "none.yaml")
    with pytest.raises(CatalogueError, match=r"holds no \*\.yaml file"):
        load_annex4(tmp_path)


def test_annex_4_is_complete():
    items = annex4_items()
    rows = {}
    for item in items:
        rows.setdefault(item.row, []).append(item.id)
    assert {row: len(ids) for row, ids in rows.items()} == {
        "1": 1, "2": 6, "3": 5, "4": 13, "5": 6, "6": 3, "6.1": 3,
    }  # fmt: skip
    assert list(rows) == sorted(rows)
    assert all(item.id.startswith(f"A4-{item.row}.") for item in items)
    assert len({item.title_zh for item in items}) == len(items) == len({item.title_en for item in items})


def test_an_item_defined_twice(tmp_path):
    source = (data_folder("checks") / "annex4" / "1-operating-guide.yaml").read_text(encoding="utf-8")
    (tmp_path / "a.yaml").write_text(source, encoding="utf-8")
    (tmp_path / "b.yaml").write_text(source, encoding="utf-8")
    with pytest.raises(CatalogueError, match=r"b\.yaml: item A4-1\.1 is defined twice"):
        load_annex4(tmp_path)
