import zipfile

import pytest

from swassess.submission.documents import document_fault


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("a.md", "# 操作指南".encode(), ""),
        ("a.md", "操作指南".encode("gb18030"), ""),
        ("a.txt", "操作指南".encode("utf-16"), ""),
        ("a.md", b"", "is empty"),
        ("a.md", b" \n\n# - \n", "has no words in it"),
        ("a.md", b"a\0b", "is not readable as text"),
        ("a.txt", b"\x81", "is not readable as text"),
        ("a.pdf", b"%PDF-1.7\n", ""),
        ("a.pdf", b"<html>", "is not a usable .pdf file"),
        ("a.PDF", b"", "is empty"),
        ("a.png", b"\x89PNG\r\n\x1a\n", ""),
        ("a.png", b"\xff\xd8\xff", "is not a usable .png file"),
        ("a.docx", b"PK\3\4cut off", "is not a usable .docx file"),
        ("a.doc", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ""),
        ("a.doc", b"text", "is not a usable .doc file"),
        ("a.dwg", b"AC1027", ""),
    ],
)
def test_documents(tmp_path, name, content, expected):
    (tmp_path / name).write_bytes(content)
    fault = document_fault(tmp_path / name)
    assert fault.startswith(expected) if expected else fault == ""


def test_office_files_and_folders(tmp_path):
    with zipfile.ZipFile(tmp_path / "a.docx", "w") as packed:
        packed.writestr("word/document.xml", "x")
    assert document_fault(tmp_path / "a.docx") == ""
    assert document_fault(tmp_path) == "is not a file"


def test_a_very_large_paper_is_read_in_part(tmp_path):
    (tmp_path / "a.csv").write_bytes("测试,1\n".encode() * 600_000)
    assert document_fault(tmp_path / "a.csv") == ""
