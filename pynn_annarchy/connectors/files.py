"""PyNN's files of connections, read without executing what is in them."""

from __future__ import annotations

import ast
import pickle
import zipfile
from collections.abc import Callable, Sequence
from io import TextIOWrapper
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from pyNN.recording import files

_ROWS_AT_ONCE = 1 << 16  # of text: some 5 MB


def by_name(name: str) -> Any:
    """Return the file object for a name."""
    if name.endswith(".npz"):
        return NamedArrays(name, mode="rb") if _has_ends(name) else files.NumpyBinaryFile(name, mode="rb")
    if name.endswith(".npy"):
        return PlainArray(name, mode="rb")
    return files.StandardTextFile(name, mode="r")


def without_code(file: Any) -> Any:
    """Return a reader of the same file that trusts nothing in it, where PyNN's reader would."""
    kinds = {files.StandardTextFile: ConnectionTable, files.NumpyBinaryFile: ConnectionArchive}
    kind = kinds.get(type(file))
    return file if kind is None else kind(file.name, mode="r" if kind is ConnectionTable else "rb")


def _has_ends(name: str) -> bool:
    with zipfile.ZipFile(name) as archive:
        return {"pre.npy", "post.npy"} <= set(archive.namelist())


class NamedArrays(files.BaseFile):  # type: ignore[misc]
    """A .npz file with an array for the sources, one for the targets, and one for each parameter."""

    def _arrays(self) -> dict[str, NDArray[Any]]:
        self._check_open()
        self.fileobj.seek(0)
        with np.load(self.fileobj, allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}

    def read(self) -> NDArray[Any]:
        """Return the rows."""
        arrays = self._arrays()
        columns = [arrays.pop("pre"), arrays.pop("post"), *arrays.values()]
        if any(column.ndim != 1 or column.size != columns[0].size for column in columns):
            raise ValueError(f"{self.name}: its arrays do not have one number for each connection")
        return np.stack([np.asarray(column, dtype=float) for column in columns], axis=1)

    def get_metadata(self) -> dict[str, Any]:
        """Return the names of the columns."""
        return {"columns": ["i", "j", *(name for name in self._arrays() if name not in ("pre", "post"))]}


class PlainArray(files.BaseFile):  # type: ignore[misc]
    """A .npy file: the rows alone."""

    def read(self) -> NDArray[Any]:
        """Return the rows."""
        self._check_open()
        self.fileobj.seek(0)
        rows: NDArray[Any] = np.load(self.fileobj, allow_pickle=False)
        return rows

    def get_metadata(self) -> dict[str, Any]:
        """Return nothing: there is no place for the names of columns."""
        self._check_open()
        return {}


class ConnectionTable(files.StandardTextFile):  # type: ignore[misc]
    """PyNN's text file, whose header PyNN would evaluate as Python."""

    def get_metadata(self) -> dict[str, Any]:
        """Return what the lines with ``# name = value`` before the first row say."""
        self._check_open()
        metadata: dict[str, Any] = {}
        for line in self.fileobj:
            if not line.startswith("#"):
                break
            name, separator, text = line[1:].partition("=")
            if not separator:
                continue
            try:
                value = ast.literal_eval(text.strip())
            except (SyntaxError, ValueError):
                raise ValueError(f"{self.name}: {text.strip()!r} is not a list of column names") from None
            if not isinstance(value, list | tuple):
                raise TypeError(f"{self.name}: {name.strip()} has to be a list or a tuple, not {value!r}")
            metadata[name.strip()] = value
        self.fileobj.seek(0)
        return metadata


class ConnectionArchive(files.NumpyBinaryFile):  # type: ignore[misc]
    """PyNN's .npz file. The names of its columns are pickled objects, which PyNN would unpickle and evaluate."""

    def get_metadata(self) -> dict[str, Any]:
        """Return the pairs of the array "metadata"."""
        self._check_open()
        try:
            with zipfile.ZipFile(self.fileobj) as archive, archive.open("metadata.npy") as array:
                version = np.lib.format.read_magic(array)
                read_header = {(1, 0): np.lib.format.read_array_header_1_0, (2, 0): np.lib.format.read_array_header_2_0}
                shape, _, dtype = read_header[version](array)
                if dtype.kind != "O":
                    raise ValueError(f"an array of {dtype}, not of objects")
                items = _Texts(array).load().items
                if len(shape) != 2 or shape[1] != 2 or len(items) != 2 * shape[0]:
                    raise ValueError(f"an array of shape {shape}, not of pairs")
        except Exception as error:  # a damaged pickle may end in any of them
            raise ValueError(f"{self.name}: its metadata are not names of columns: {error}") from None
        finally:
            self.fileobj.seek(0)
        return dict(zip(items[::2], items[1::2], strict=True))


class _Placeholder:
    """Stands for NumPy's classes in a pickle: takes what they would get, and does nothing with it."""

    items: list[Any]

    def __init__(self, *arguments: Any) -> None:
        pass

    def __setstate__(self, state: tuple[Any, ...]) -> None:
        if isinstance(state[-1], list):  # of an array: version, shape, type, order, elements
            self.items = state[-1]


class _Texts(pickle.Unpickler):
    """Reads an array of texts and lists of them. Nothing that a file names is imported or called."""

    def find_class(self, module: str, name: str) -> Any:
        """Return a stand-in for what an array is made of; refuse all else."""
        if module.partition(".")[0] == "numpy" and name in ("_reconstruct", "ndarray", "dtype"):
            return _Placeholder
        raise pickle.UnpicklingError(f"it names {module}.{name}")


def is_table(file: Any) -> bool:
    """Return whether what is written to a file is a table of numbers, and not the very objects that are given."""
    return type(file) in _WRITERS


def write_columns(file: Any, columns: Sequence[NDArray[np.float64]], metadata: dict[str, Any], threads: int) -> None:
    """Write a table to one of the files for which `is_table` holds: what PyNN writes, in a fraction of the time.

    Parameters
    ----------
    columns
        Of the table; all have the same length.
    """
    file._check_open()
    _WRITERS[type(file)](file.fileobj, columns, metadata, threads)


def write_objects(file: Any, objects: Any, metadata: dict[str, Any], threads: int) -> None:
    """Write anything else to one of PyNN's files."""
    if type(file) is files.StandardTextFile and np.ndim(objects) == 2:
        write_columns(file, list(np.asarray(objects, dtype=float).T), metadata, threads)
    elif type(file) is files.PickleFile:
        file._check_open()
        pickler = pickle.Pickler(file.fileobj)
        pickler.fast = True  # to look for tuples that are the same object takes most of the time, and none are
        pickler.dump((objects, metadata))
    else:
        file.write(objects, metadata)


def _write_lines(
    text: TextIOWrapper, columns: Sequence[NDArray[np.float64]], metadata: dict[str, Any], threads: int
) -> None:
    from ..native import connect  # here: the package can be imported without its compiled core

    text.writelines(f"# {name} = {value}\n" for name, value in metadata.items())
    text.flush()
    binary: Any = text.buffer
    size = columns[0].size if columns else 0
    at_once = min(size, _ROWS_AT_ONCE)
    room = np.empty(at_once * connect.line_room(len(columns)), np.uint8)
    for first in range(0, size, at_once or 1):
        for piece in connect.lines(columns, first, min(first + at_once, size), room, threads):
            binary.write(piece.data)
    text.close()


def _write_archive(
    archive: IO[bytes], columns: Sequence[NDArray[np.float64]], metadata: dict[str, Any], threads: int
) -> None:
    arrays = {"data": np.column_stack(columns), "metadata": np.array(list(metadata.items()), dtype=object)}
    with zipfile.ZipFile(archive, mode="w") as packed:
        for name, array in arrays.items():
            with packed.open(f"{name}.npy", "w", force_zip64=True) as entry:
                np.lib.format.write_array(entry, array)


def _write_hdf5(hdf5: Any, columns: Sequence[NDArray[np.float64]], metadata: dict[str, Any], threads: int) -> None:
    if columns[0].size:  # PyNN writes nothing else
        node = hdf5.create_array(hdf5.root, "data", np.column_stack(columns))
        node.flavor = "python"  # so that it is read as what PyNN gives to PyTables: a list
        for name, value in metadata.items():
            setattr(node.attrs, name, value)
        hdf5.close()


_WRITERS: dict[type, Callable[..., None]] = {
    files.StandardTextFile: _write_lines,
    files.NumpyBinaryFile: _write_archive,
}
if files.have_hdf5:
    _WRITERS[files.HDF5ArrayFile] = _write_hdf5
