"""The page of a patient as PDF: by the command, on paper of two sizes, and the text of a record is never run as code."""

import io
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.command import MODULE, OPEN, ROOT, environment, on_terminal, poems, python, write

WITHOUT_TYPST = "import sys; sys.modules['typst'] = None; from poems_cli.__main__ import main; sys.exit(main())"
PATIENTS = [ROOT / "docs" / "pictures" / "patients" / f"{name}.json" for name in ("met", "contradiction", "empty")]
A4, LETTER = (210, 297), (215.9, 279.4)
LETTERS = "\u4f60\u597d \u05e9\u05dc\u05d5\u05dd \u0141\u00f3d\u017a"
HOSTILE = '#panic("x") *b* $x$ `r` <label> @ref [a] // c <svg onload=alert(1)> \\u{41} "q"'


@pytest.fixture
def pypdf() -> Any:
    pytest.importorskip("typst")
    return pytest.importorskip("pypdf")


def words(reader: Any) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


@pytest.mark.parametrize("path", PATIENTS, ids=lambda path: path.stem)
def test_a_patient_has_one_or_two_pages_that_fit_both_papers(path: Path, pypdf: Any, folder: Path) -> None:
    assert poems("check", str(path), "-o", "report.pdf", folder=folder) in ((0, "", ""), (12, "", _errors(path)))
    file = folder / "report.pdf"
    reader = pypdf.PdfReader(file)
    assert len(reader.pages) <= 2
    for page in reader.pages:
        width, height = (float(side) / 72 * 25.4 for side in page.mediabox[2:])
        assert width <= min(A4[0], LETTER[0]) + 0.1
        assert height <= min(A4[1], LETTER[1]) + 0.1
    assert file.stat().st_size < 200_000
    assert file.stat().st_mode & 0o777 == 0o600
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]  # a screen reader finds headings and tables
    assert "pdfuaid:part>1<" in file.read_bytes().decode("latin-1")
    html = poems("check", str(path), "-f", "html", folder=folder).out
    text = words(reader)
    for line in ("What to know before trusting it", "Other criteria sets", "Findings as understood", "no medical device"):
        assert (line in text) == (line in html)


def _errors(path: Path) -> str:
    """The contradictions of a patient, which are reported on standard error as with every format."""
    return poems("check", str(path), "-f", "json", folder=path.parent).err


def test_what_a_record_says_is_text_and_the_bytes_are_the_same_each_time(pypdf: Any, folder: Path) -> None:
    findings = {"polyneuropathy": True, "csf_protein": {"value": None, "reason": HOSTILE[:60]}}
    (folder / "hostile.json").write_text(json.dumps({"id": HOSTILE, "findings": findings}))
    done = [poems_bytes("check", "hostile.json", "--format", "pdf", folder=folder) for _ in range(2)]
    assert done[0] == done[1]
    text = words(pypdf.PdfReader(io.BytesIO(done[0])))
    assert HOSTILE in text
    assert HOSTILE[:60] in text
    assert b"/JavaScript" not in done[0]


def test_a_letter_is_shown_or_written_out_as_its_code(pypdf: Any, folder: Path) -> None:
    write(folder / "p.json", {**OPEN, "id": LETTERS})
    text = words(pypdf.PdfReader(io.BytesIO(poems_bytes("check", "p.json", "-f", "pdf", folder=folder))))
    assert LETTERS[-4:] in text
    for letter in LETTERS[:2]:  # a machine may have a font for it
        assert letter in text or ascii(letter)[1:-1] in text
    write(folder / "p.json", {**OPEN, "id": "0\U0001f3fb"})  # a sign that only changes the letter before it
    assert poems_bytes("check", "p.json", "-f", "pdf", folder=folder).startswith(b"%PDF")


def poems_bytes(*arguments: str, folder: Path) -> bytes:
    done = subprocess.run([*MODULE, *arguments], cwd=folder, env=environment(), capture_output=True)
    assert (done.returncode, done.stderr) == (0, b"")
    return done.stdout


def test_it_is_never_written_to_a_terminal(pypdf: Any, folder: Path) -> None:
    code, screen = on_terminal("check", "open.json", "--format", "pdf", folder=folder)
    assert code == 2
    assert screen == (
        "poems: --format pdf: it is binary, which a terminal cannot show; "
        "write it to a file with -o report.pdf, or into a pipe\n"
    )


def test_without_typst_one_line_says_how_to_install_it(folder: Path) -> None:
    write(folder / "p.json", OPEN)
    ran = python(WITHOUT_TYPST, "check", "p.json", "-o", "report.pdf", folder=folder)
    assert (ran.code, ran.out, ran.err) == (
        2,
        "",
        "poems: --format pdf: it needs typst, which is not installed; install it with: pip install 'poems-cli[pdf]'\n",
    )
    assert not (folder / "report.pdf").exists()
    assert python(WITHOUT_TYPST, "check", "p.json", folder=folder).code == 0


def test_a_page_shows_one_patient(pypdf: Any, folder: Path) -> None:
    ran = poems("check", "ward.jsonl", "-o", "report.pdf", folder=folder)
    assert ran.code == 2
    assert "a page shows one patient; choose another format for several" in ran.err
    assert not (folder / "report.pdf").exists()
