"""Makes handmade_sas.tar.xz from tests/handmade with the C library ReadStat (Debian: libreadstat1), for SAS's format.

Run from the top of the project: python tests/reference/handmade_sas.py
"""

import ctypes
import io
import tarfile
from pathlib import Path

import pandas as pd

from analysis.study.intake import read_study

HERE = Path(__file__).parent
STRING, DOUBLE = 0, 5
LIBRARY = ctypes.CDLL("libreadstat.so.1")
POINTER, TEXT, NUMBER, SIZE = ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_size_t
WRITER = ctypes.CFUNCTYPE(ctypes.c_ssize_t, POINTER, SIZE, POINTER)
for name, result, arguments in [
    ("writer_init", POINTER, []),
    ("set_data_writer", NUMBER, [POINTER, WRITER]),
    ("add_variable", POINTER, [POINTER, TEXT, NUMBER, SIZE]),
    ("variable_set_format", None, [POINTER, TEXT]),
    ("begin_writing_sas7bdat", NUMBER, [POINTER, POINTER, ctypes.c_long]),
    ("begin_row", NUMBER, [POINTER]),
    ("insert_string_value", NUMBER, [POINTER, POINTER, TEXT]),
    ("insert_double_value", NUMBER, [POINTER, POINTER, ctypes.c_double]),
    ("insert_missing_value", NUMBER, [POINTER, POINTER]),
    ("end_row", NUMBER, [POINTER]),
    ("end_writing", NUMBER, [POINTER]),
]:
    function = getattr(LIBRARY, f"readstat_{name}")
    function.restype, function.argtypes = result, arguments


def written(frame):
    """The bytes of a SAS file: days since 1960 with the format of dates, flags as numbers, codes as text."""
    content = bytearray()
    keep = WRITER(lambda data, size, _: content.extend(ctypes.string_at(data, size)) or size)
    writer = LIBRARY.readstat_writer_init()
    LIBRARY.readstat_set_data_writer(writer, keep)
    variables = [(column, _added(writer, column, frame[column])) for column in frame]
    LIBRARY.readstat_begin_writing_sas7bdat(writer, None, len(frame))
    for _, row in frame.iterrows():
        LIBRARY.readstat_begin_row(writer)
        for column, variable in variables:
            _insert(writer, variable, row[column], is_text=frame[column].dtype == "str")
        LIBRARY.readstat_end_row(writer)
    LIBRARY.readstat_end_writing(writer)
    return bytes(content)


def _added(writer, column, values):
    if values.dtype == "str":
        return LIBRARY.readstat_add_variable(writer, column.encode(), STRING, values.dropna().str.len().max() or 1)
    variable = LIBRARY.readstat_add_variable(writer, column.encode(), DOUBLE, 0)
    if values.dtype.kind == "M":
        LIBRARY.readstat_variable_set_format(variable, b"YYMMDD10")
    return variable


def _insert(writer, variable, value, is_text):
    if is_text:
        LIBRARY.readstat_insert_string_value(writer, variable, b"" if pd.isna(value) else value.encode())
    elif pd.isna(value):
        LIBRARY.readstat_insert_missing_value(writer, variable)
    else:
        number = (value - pd.Timestamp("1960-01-01")).days if isinstance(value, pd.Timestamp) else value
        LIBRARY.readstat_insert_double_value(writer, variable, float(number))


if __name__ == "__main__":
    with tarfile.open(HERE / "handmade_sas.tar.xz", "w:xz") as archive:
        for table, frame in read_study(HERE.parent / "handmade")[1].items():
            about = tarfile.TarInfo(f"{table}.sas7bdat")
            data = written(frame)
            about.size = len(data)
            archive.addfile(about, io.BytesIO(data))
