"""CSV files as spreadsheets and editors write them: what they say, and what is said of those that are wrong."""

from __future__ import annotations

import pytest

from configs.errors import InvalidRequest, InvalidRows
from router.batches.csv_file import read_csv

ROWS = 'prompt,asset_type,seed\na red bicycle,icon,1\n"a cup, with ""tea""",logo_illustration,\n'
READ = [
    (2, {"prompt": "a red bicycle", "asset_type": "icon", "seed": "1"}),
    (3, {"prompt": 'a cup, with "tea"', "asset_type": "logo_illustration"}),
]


def rows_of(data: bytes) -> list[tuple[int, dict[str, object]]]:
    file = read_csv(data)
    assert not file.errors
    return [(line.number, dict(line.fields)) for line in file.lines]


@pytest.mark.parametrize(
    "data",
    [
        ROWS.encode(),
        ROWS.encode("utf-8-sig"),
        ROWS.replace("\n", "\r\n").encode(),
        ROWS.replace("\n", "\r").encode(),
        ROWS.encode("utf-16"),
        b"\xfe\xff" + ROWS.encode("utf-16-be"),
        b'prompt;asset_type;seed\na red bicycle;icon;1\n"a cup, with ""tea""";logo_illustration;\n',
        b'prompt\tasset_type\tseed\na red bicycle\ticon\t1\n"a cup, with ""tea"""\tlogo_illustration\n',
        b'Prompt;Asset Type;Seed;;\na red bicycle;icon;1;;\n"a cup, with ""tea""";logo_illustration;;;\n;;;;\n\n',
    ],
    ids=["plain", "BOM", "CRLF", "CR", "UTF-16", "UTF-16 big end first", "semicolons", "tabs", "Excel's empty cells"],
)
def test_the_same_rows_are_read_however_they_are_written(data: bytes) -> None:
    assert rows_of(data) == READ


def test_a_row_has_the_number_of_its_first_line() -> None:
    data = b'prompt,seed\n"a bicycle\nin the rain",1\n\na cup,2\n'
    assert rows_of(data) == [
        (2, {"prompt": "a bicycle\nin the rain", "seed": "1"}),
        (5, {"prompt": "a cup", "seed": "2"}),
    ]
    assert rows_of(b"sep=;\nprompt;seed\na cup;2\n") == [(3, {"prompt": "a cup", "seed": "2"})]


def test_commas_of_a_file_with_one_column_are_those_of_its_prompts() -> None:
    assert rows_of(b"prompt\na cup, a spoon; tea\n") == [(2, {"prompt": "a cup, a spoon; tea"})]


def test_slots_have_columns() -> None:
    (row,) = rows_of(b"prompt,slot.setting,slot.mood,lora\na cup,a forest,,icons@0.5\n")
    assert row == (2, {"prompt": "a cup", "slots": {"setting": "a forest"}, "lora": "icons@0.5"})


def test_what_is_wrong_with_a_row_is_said_with_its_line() -> None:
    file = read_csv(b'prompt,seed\na, cup,1\na spoon,2\na "plate",3\n"an open,4\nquote,5\n')
    assert [line.number for line in file.lines] == [3, 4]
    assert [(error.line, error.message) for error in file.errors] == [
        (
            2,
            'it has 3 cells, and the first line names 2 columns: put text with a delimiter in it in quotes (")',
        ),
        (5, 'a quote (") is opened here and never closed: write "" for a quote inside of a cell'),
    ]
    assert read_csv(b'prompt,seed\n"a "red" cup",1\n').errors[0].message == (
        'a quote (") stands inside of a quoted cell: write it twice, as in "a ""red"" bicycle"'
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "the file is empty: its first line names the columns, the others have a prompt each"),
        (b"prompt\n", "the file has a header and no rows below it: write a prompt in each"),
        (
            "prompt\nein Café\n".encode("cp1252"),
            "line 2 of the file is no text in UTF-8: save it as `CSV UTF-8` (Excel has that under Save as)",
        ),
        (
            "prompt\na cup\n".encode("utf-16-le"),
            "the file is no text in UTF-8, since it has zero bytes: save it as `CSV UTF-8`, or as UTF-16 with a byte "
            "order mark",
        ),
        (
            b"\xff\xfea",
            "line 1 of the file is no text in UTF-16: save it as `CSV UTF-8` (Excel has that under Save as)",
        ),
    ],
)
def test_what_is_no_such_file_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(InvalidRequest) as refusal:
        read_csv(data)
    assert (refusal.value.message, refusal.value.field) == (message, "file")


@pytest.mark.parametrize(
    ("header", "message"),
    [
        (
            "prompt,colour",
            "line 1, which names the columns: 'colour' is no column: the columns are prompt, asset_type,",
        ),
        (
            "a red bicycle",
            "line 1, which names the columns: 'a red bicycle' is no column: it names no column 'prompt';",
        ),
        ("seed,asset_type", "line 1, which names the columns: there is no column 'prompt': the columns are prompt,"),
        ("prompt,seed,Seed", "line 1, which names the columns: the column 'seed' is there twice"),
        ("prompt,slot.", "line 1, which names the columns: 'slot.' is no column: the columns are"),
        ('"prompt', 'line 1: a quote (") is opened here and never closed'),
    ],
)
def test_a_header_that_is_none_is_refused(header: str, message: str) -> None:
    with pytest.raises(InvalidRows) as refusal:
        read_csv(f"{header}\n".encode())
    assert refusal.value.message.startswith(message)
