"""The load of the directory from the files of `fixtures/directory`: see docs/data-format.md."""

from directory.loading.files import DirectoryFileError
from directory.loading.load import LoadReport, load_directory

__all__ = ["DirectoryFileError", "LoadReport", "load_directory"]
