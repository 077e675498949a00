"""Files with tables as other programs write them: what a file holds, as text, before anything of the contract.

`read_table_file` is the one reader; `folder.py` says which file of a study folder holds which table.
"""

from analysis.study.table_files.raw import RawTable
from analysis.study.table_files.reading import parts_of, read_table_file

__all__ = ["RawTable", "parts_of", "read_table_file"]
