# cython: language_level=3
# distutils: language = c++
"""Thin Cython over csrc/connect/: drawing connections and their values, and bringing them into order."""

from cpython.buffer cimport PyBUF_FORMAT
from cpython.float cimport PyFloat_FromDouble
from cpython.list cimport PyList_GET_ITEM, PyList_GET_SIZE, PyList_New, PyList_SET_ITEM
from cpython.object cimport PyObject
from cpython.ref cimport Py_INCREF
from cpython.tuple cimport PyTuple_GET_ITEM, PyTuple_New, PyTuple_SET_ITEM
from libc.stddef cimport ptrdiff_t
from libc.stdint cimport int64_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memcmp
from libcpp cimport bool as cbool
from libcpp.memory cimport shared_ptr, make_shared
from libcpp.vector cimport vector

import numpy as np


cdef extern from "Python.h":
    int PyGC_Disable()
    int PyGC_Enable()
    void PyObject_GC_UnTrack(object)


cdef extern from "connect/mersenne.h" namespace "pa":
    cdef cppclass CMersenne "pa::Mersenne":
        CMersenne(const uint32_t *, size_t, cbool, double) except +
        const uint32_t *key()
        size_t position()
        cbool has_normal()
        double kept_normal()


cdef extern from "connect/columns.h" namespace "pa":
    cdef cppclass Distribution:
        CMersenne *rng
        int kind
        double a, b, low, high
    cdef cppclass Rule:
        const int64_t *pre
        const int64_t *post
        cbool one_way
    cdef cppclass CColumns "pa::Columns":
        vector[uint64_t] begin
        vector[uint32_t] pre
        vector[vector[double]] values
    void pick_below(CMersenne *, double, uint32_t, size_t, const Rule&, const vector[Distribution]&,
                    CColumns *) except + nogil
    void pick_below_each(CMersenne *, const double *, uint32_t, size_t, const Rule&, const vector[Distribution]&,
                         CColumns *) except + nogil
    void skip_below_each(uint64_t, const double *, uint32_t, size_t, const Rule&, unsigned, CColumns *) except + nogil
    void pick_number(CMersenne *, const int64_t *, const int64_t *, uint32_t, size_t, cbool,
                     const vector[Distribution]&, CColumns *) except + nogil
    void draw_columns(const int64_t *, size_t, const vector[Distribution]&, double *const *) except + nogil
    void c_draw_pairs "pa::draw_pairs"(CMersenne *, uint32_t, uint32_t, size_t, uint32_t *, uint32_t *) except + nogil
    void c_shuffled "pa::shuffled"(CMersenne *, size_t, uint32_t *) except + nogil
    void skip_below(uint64_t, double, uint32_t, size_t, const Rule&, unsigned, CColumns *) except + nogil
    void choose_number(uint64_t, const int64_t *, const int64_t *, uint32_t, size_t, cbool, unsigned,
                       CColumns *) except + nogil


cdef extern from "connect/order.h" namespace "pa":
    cdef cppclass Column64:
        const double *from_ "from"
        double *to
    void c_by_source "pa::by_source"(const uint64_t *, size_t, const uint32_t *, size_t, unsigned, uint32_t *,
                                     uint32_t *, const vector[Column64]&) except + nogil
    size_t c_to_steps "pa::to_steps"(const double *, size_t, double, double, double, unsigned,
                                     uint16_t *) except + nogil
    void c_stable_order "pa::stable_order"(const uint32_t *, size_t, size_t, const uint32_t *,
                                           uint32_t *) except + nogil


cdef extern from "connect/drawn.h" namespace "pa":
    cdef cppclass Variate:
        uint64_t kind, key
        double a, b
        uint64_t outside
        double low, high
    cdef cppclass DrawnSynapses:
        uint64_t n_post
        Variate weight, delay
    void draw_variates(const Variate&, size_t, unsigned, double *) except + nogil
    cdef cppclass ZigguratTables:
        double width[257]
        double height[257]
    const ZigguratTables& ziggurat_tables()


cdef extern from "connect/drawn_columns.h" namespace "pa":
    cdef cppclass SynapseColumns:
        pass
    cdef cppclass CDrawnColumns "pa::DrawnColumns"(SynapseColumns):
        CDrawnColumns(const DrawnSynapses&) except +
        size_t n_columns()
        const DrawnSynapses& drawn()
        void count_probable(unsigned, int64_t *) except + nogil
        cbool find_extremes(const Variate&, unsigned, double *, double *) except + nogil


cdef extern from "connect/listing.h" namespace "pa":
    ctypedef int Multiple "pa::Multiple"
    void to_matrix(const uint32_t *, const uint32_t *, const double *, size_t, size_t, Multiple, double *) except + nogil
    cdef cppclass NumberColumn:
        const double *data
        ptrdiff_t stride
    void to_lines(const vector[NumberColumn]&, size_t, size_t, unsigned, char *, size_t *) except + nogil

cdef extern from "connect/decimal.h" namespace "pa":
    size_t kLongestNumber


KINDS = ("uniform", "normal", "lognormal", "exponential", "normal_clipped", "normal_clipped_to_boundary", "uniform_int")


cdef class Mersenne:
    """A generator in the state of one of numpy's, as `RandomState.get_state()` returns it."""

    cdef shared_ptr[CMersenne] pointer

    def __cinit__(self, key, size_t position, cbool has_normal, double normal):
        cdef const uint32_t[::1] words = np.ascontiguousarray(key, np.uint32)
        if words.shape[0] != 624 or position > 624:
            raise ValueError(f"a state of {words.shape[0]} words at position {position} is not one of MT19937")
        self.pointer = make_shared[CMersenne](&words[0], position, has_normal, normal)

    def state(self):
        """What `RandomState.set_state()` takes, without the name."""
        cdef CMersenne *rng = self.pointer.get()
        return np.array(<const uint32_t[:624]>rng.key()), rng.position(), int(rng.has_normal()), rng.kept_normal()


cdef class Columns:
    """Sources of the connections onto one cell after the other, and values for each. Arrays are views of memory here."""

    cdef CColumns columns

    def begin(self):
        return _view(self, <uintptr_t>self.columns.begin.data(), self.columns.begin.size(), b"Q", 8)

    def pre(self):
        return _view(self, <uintptr_t>self.columns.pre.data(), self.columns.pre.size(), b"I", 4)

    def values(self):
        return [
            _view(self, <uintptr_t>self.columns.values[k].data(), self.columns.values[k].size(), b"d", 8)
            for k in range(self.columns.values.size())
        ]


cdef class _Memory:
    """Lends memory of its owner to numpy."""

    cdef object owner
    cdef uintptr_t address
    cdef bytes format
    cdef Py_ssize_t shape[1]
    cdef Py_ssize_t strides[1]

    def __getbuffer__(self, Py_buffer *buffer, int flags):
        buffer.buf = <void *>self.address
        buffer.format = <char *>self.format if flags & PyBUF_FORMAT else NULL
        buffer.internal = NULL
        buffer.itemsize = self.strides[0]
        buffer.len = self.shape[0] * self.strides[0]
        buffer.ndim = 1
        buffer.obj = self
        buffer.readonly = 0
        buffer.shape = self.shape
        buffer.strides = self.strides
        buffer.suboffsets = NULL


cdef _view(owner, uintptr_t address, size_t n, bytes format, size_t itemsize):
    if n == 0:
        return np.empty(0, {b"Q": np.uint64, b"I": np.uint32, b"d": np.float64}[format])
    cdef _Memory memory = _Memory.__new__(_Memory)
    memory.owner, memory.address, memory.format = owner, address, format
    memory.shape[0], memory.strides[0] = n, itemsize
    return np.asarray(memory)


cdef vector[Distribution] _distributions(drawn):
    """`drawn`: (Mersenne, name, a, b, low, high)."""
    cdef vector[Distribution] result
    cdef Distribution d
    for rng, name, a, b, low, high in drawn:
        d.rng = (<Mersenne?>rng).pointer.get()
        d.kind = KINDS.index(name)
        d.a, d.b, d.low, d.high = a, b, low, high
        result.push_back(d)
    return result


cdef class _Rule:
    """Which pairs are allowed: numbers of the cells that are on both sides (others: -1) and whether one way only."""

    cdef Rule rule
    cdef object pre, post

    def __init__(self, given, n_pre, n_post):
        if given is None:
            return
        self.pre, self.post = _numbers(given[0], n_pre), _numbers(given[1], n_post)
        self.rule.pre = <const int64_t *><uintptr_t>self.pre.ctypes.data
        self.rule.post = <const int64_t *><uintptr_t>self.post.ctypes.data
        self.rule.one_way = given[2]


def _numbers(array, size):
    whole = np.ascontiguousarray(array, np.int64)
    if whole.shape != (size,):
        raise ValueError(f"an array of shape {whole.shape} for {size} cells")
    return whole


def below(Mersenne rng, double probability, uint32_t n_pre, size_t n_post, rule=None, drawn=()):
    """Connect each pair with a probability; `rule`: numbers of pre and post, -1 if only on one side, and if one way."""
    cdef Columns result = Columns.__new__(Columns)
    cdef vector[Distribution] distributions = _distributions(drawn)
    cdef _Rule allowed = _Rule(rule, n_pre, n_post)
    with nogil:
        pick_below(rng.pointer.get(), probability, n_pre, n_post, allowed.rule, distributions, &result.columns)
    return result


def below_each(Mersenne rng, const double[:, ::1] probability, Columns columns, rule=None, drawn=()):
    """Add columns in which each pair has a probability of its own: one column in each row of the matrix."""
    cdef vector[Distribution] distributions = _distributions(drawn)
    cdef uint32_t n_pre = probability.shape[1]
    cdef size_t n_post = probability.shape[0]
    cdef _Rule allowed = _Rule(rule, n_pre, n_post)
    with nogil:
        pick_below_each(rng.pointer.get(), &probability[0, 0], n_pre, n_post, allowed.rule, distributions,
                        &columns.columns)


def below_counted(uint64_t key, double probability, uint32_t n_pre, size_t n_post, rule=None, unsigned threads=1):
    """As `below`, with counter-based numbers, in a time that grows with the number of connections."""
    cdef Columns result = Columns.__new__(Columns)
    cdef _Rule allowed = _Rule(rule, n_pre, n_post)
    with nogil:
        skip_below(key, probability, n_pre, n_post, allowed.rule, threads, &result.columns)
    return result


def below_each_counted(uint64_t key, const double[:, ::1] probability, Columns columns, rule=None, unsigned threads=1):
    """As `below_each`, with counter-based numbers."""
    cdef uint32_t n_pre = probability.shape[1]
    cdef size_t n_post = probability.shape[0]
    cdef _Rule allowed = _Rule(rule, n_pre, n_post)
    with nogil:
        skip_below_each(key, &probability[0, 0], n_pre, n_post, allowed.rule, threads, &columns.columns)


def number(Mersenne rng, count, barred, uint32_t size, cbool replaced, drawn=()):
    """`count[j]` of `size` cells for each column, but not `barred[j]` (-1: any)."""
    cdef Columns result = Columns.__new__(Columns)
    cdef vector[Distribution] distributions = _distributions(drawn)
    cdef size_t n_post = len(count)
    count, barred = _numbers(count, n_post), _numbers(barred, n_post)
    cdef const int64_t *counts = <const int64_t *><uintptr_t>count.ctypes.data
    cdef const int64_t *excluded = <const int64_t *><uintptr_t>barred.ctypes.data
    with nogil:
        pick_number(rng.pointer.get(), counts, excluded, size, n_post, replaced, distributions, &result.columns)
    return result


def number_counted(uint64_t key, count, barred, uint32_t size, cbool replaced, unsigned threads=1):
    """The same with counter-based numbers; different cells come in ascending order."""
    cdef Columns result = Columns.__new__(Columns)
    cdef size_t n_post = len(count)
    count, barred = _numbers(count, n_post), _numbers(barred, n_post)
    cdef const int64_t *counts = <const int64_t *><uintptr_t>count.ctypes.data
    cdef const int64_t *excluded = <const int64_t *><uintptr_t>barred.ctypes.data
    with nogil:
        choose_number(key, counts, excluded, size, n_post, replaced, threads, &result.columns)
    return result


def draw(begin, drawn):
    """Values for columns that begin at ``begin[j]``: one column after the other, of each distribution in turn."""
    cdef vector[Distribution] distributions = _distributions(drawn)
    begin = np.ascontiguousarray(begin, np.int64)
    values = [np.empty(int(begin[-1])) for _ in drawn]
    cdef vector[double *] out
    for array in values:
        out.push_back(<double *><uintptr_t>array.ctypes.data)
    cdef const int64_t *first = <const int64_t *><uintptr_t>begin.ctypes.data
    cdef size_t n_post = begin.size - 1
    with nogil:
        draw_columns(first, n_post, distributions, out.data())
    return values


OUTSIDE = ("kept", "redrawn", "moved")


def uniform_counted(uint64_t key, double low, double high, size_t n, unsigned threads=1):
    """Uniform numbers, with counter-based ones."""
    cdef Variate of
    of.kind, of.key, of.a, of.b = 1, key, low, high
    of.outside, of.low, of.high = 0, 0.0, 0.0
    return _variates(of, n, threads)


def normal_counted(uint64_t key, double mean, double deviation, size_t n, str outside="kept", double low=0.0,
                   double high=0.0, unsigned threads=1):
    """Normal numbers, with counter-based ones; those outside of [low, high] are kept, redrawn, or moved to its ends."""
    cdef Variate of
    of.kind, of.key, of.a, of.b = 2, key, mean, deviation
    of.outside, of.low, of.high = OUTSIDE.index(outside), low, high
    return _variates(of, n, threads)


cdef object _variates(Variate of, size_t n, unsigned threads):
    values = np.empty(n)
    cdef double *out = <double *><uintptr_t>values.ctypes.data
    with nogil:
        draw_variates(of, n, threads, out)
    return values


cdef class DrawnColumns:
    """Connections that are known by what they are drawn from, as `native/drawn_words.py` writes it down."""

    cdef shared_ptr[CDrawnColumns] pointer
    cdef object kept

    def __cinit__(self, const uint64_t[::1] words, kept):
        if <size_t>words.shape[0] * 8 != sizeof(DrawnSynapses):
            raise ValueError(f"{words.shape[0]} words, expected {sizeof(DrawnSynapses) // 8}")
        self.pointer = make_shared[CDrawnColumns]((<const DrawnSynapses *>&words[0])[0])
        self.kept = kept

    @property
    def address(self):
        """Of a `pa::SynapseColumns`, for as long as this is there."""
        return <uintptr_t><const SynapseColumns *>self.pointer.get()

    def count_probable(self, unsigned threads=1):
        """How many connections there are onto each cell, if they are made with a probability."""
        counts = np.empty(self.pointer.get().n_columns(), np.int64)
        cdef int64_t *out = <int64_t *><uintptr_t>counts.ctypes.data
        with nogil:
            self.pointer.get().count_probable(threads, out)
        return counts

    def extremes(self, cbool of_delays, unsigned threads=1):
        """The lowest and the highest weight or delay (ms), None if one lies outside of its limits again and again."""
        cdef double lowest = 0.0, highest = 0.0
        cdef const Variate *of = &self.pointer.get().drawn().weight
        cdef cbool found
        if of_delays:
            of = &self.pointer.get().drawn().delay
        with nogil:
            found = self.pointer.get().find_extremes(of[0], threads, &lowest, &highest)
        return (lowest, highest) if found else None


def ziggurat():
    """The tables that normal numbers are made with: the widths of its layers, and the heights at which they begin."""
    cdef ZigguratTables tables = ziggurat_tables()
    return np.array(<double[:257]>tables.width), np.array(<double[:257]>tables.height)


def draw_pairs(Mersenne rng, uint32_t n_first, uint32_t n_second, size_t n):
    """Draw pairs of whole numbers below two limits."""
    first, second = np.empty(n, np.uint32), np.empty(n, np.uint32)
    cdef uint32_t *a = <uint32_t *><uintptr_t>first.ctypes.data
    cdef uint32_t *b = <uint32_t *><uintptr_t>second.ctypes.data
    with nogil:
        c_draw_pairs(rng.pointer.get(), n_first - 1, n_second - 1, n, a, b)
    return first, second


def shuffled(Mersenne rng, size_t n):
    """The numbers below n in random order."""
    cells = np.empty(n, np.uint32)
    cdef uint32_t *first = <uint32_t *><uintptr_t>cells.ctypes.data
    with nogil:
        c_shuffled(rng.pointer.get(), n, first)
    return cells


def by_source(begin, pre, size_t n_pre, values, unsigned threads=1):
    """Return source, target and values ordered by source, then target, then place; `begin` as in `draw`."""
    begin, pre = np.ascontiguousarray(begin, np.uint64), np.ascontiguousarray(pre, np.uint32)
    if int(begin[-1]) != pre.size or any(array.shape != pre.shape for array in values):
        raise ValueError(f"columns of {int(begin[-1])} connections, {pre.size} sources")
    source, target = np.empty(pre.size, np.uint32), np.empty(pre.size, np.uint32)
    values = [np.ascontiguousarray(array, np.float64) for array in values]
    ordered = [np.empty(pre.size) for _ in values]
    cdef vector[Column64] columns
    cdef Column64 column
    for old, new in zip(values, ordered):
        column.from_ = <const double *><uintptr_t>old.ctypes.data
        column.to = <double *><uintptr_t>new.ctypes.data
        columns.push_back(column)
    cdef const uint64_t *first = <const uint64_t *><uintptr_t>begin.ctypes.data
    cdef const uint32_t *sources = <const uint32_t *><uintptr_t>pre.ctypes.data
    cdef uint32_t *a = <uint32_t *><uintptr_t>source.ctypes.data
    cdef uint32_t *b = <uint32_t *><uintptr_t>target.ctypes.data
    cdef size_t n_post = begin.size - 1
    with nogil:
        c_by_source(first, n_post, sources, n_pre, threads, a, b, columns)
    return source, target, ordered


def stable_order(key, size_t n_keys, before=None):
    """Where the first, second, ... of the keys (below `n_keys`) is; `before`: the order in which to look at them."""
    key = np.ascontiguousarray(key, np.uint32)
    result = np.empty(key.size, np.uint32)
    cdef const uint32_t *keys = <const uint32_t *><uintptr_t>key.ctypes.data
    cdef const uint32_t *looked = NULL
    cdef uint32_t *order = <uint32_t *><uintptr_t>result.ctypes.data
    cdef size_t n = key.size
    if before is not None:
        before = np.ascontiguousarray(before, np.uint32)
        if before.shape != key.shape or (before.size and int(before.max()) >= before.size):
            raise ValueError("not an order of these keys")
        looked = <const uint32_t *><uintptr_t>before.ctypes.data
    with nogil:
        c_stable_order(keys, n, n_keys, looked, order)
    return result


def to_steps(delay_ms, double dt_ms, int lowest, int highest, unsigned threads=1):
    """Return delays as whole numbers of steps and None, or None and the first delay that is out of bounds."""
    if not 0 <= lowest <= highest <= 65535:
        raise ValueError(f"{lowest} to {highest} steps, where 0 to 65535 can be stored")
    delay_ms = np.ascontiguousarray(delay_ms, np.float64)
    result = np.empty(delay_ms.shape, np.uint16)
    cdef const double *delays = <const double *><uintptr_t>delay_ms.ctypes.data
    cdef uint16_t *steps = <uint16_t *><uintptr_t>result.ctypes.data
    cdef size_t n = delay_ms.size, wrong
    with nogil:
        wrong = c_to_steps(delays, n, dt_ms, lowest, highest, threads, steps)
    return (result, None) if wrong == n else (None, float(delay_ms.flat[wrong]))


MULTIPLE = ("last", "first", "sum", "min", "max")


def matrix(pre, post, value, size_t n_pre, size_t n_post, str multiple):
    """Return values as a matrix, NaN where there is none; connections are in order of pre, then post."""
    pre, post = np.ascontiguousarray(pre, np.uint32), np.ascontiguousarray(post, np.uint32)
    value = np.ascontiguousarray(value, np.float64)
    if not pre.shape == post.shape == value.shape:
        raise ValueError(f"{pre.size} sources, {post.size} targets, {value.size} values")
    if pre.size and (int(pre.max()) >= n_pre or int(post.max()) >= n_post):
        raise IndexError(f"a connection outside the matrix of shape ({n_pre}, {n_post})")
    result = np.full((n_pre, n_post), np.nan)
    cdef const uint32_t *source = <const uint32_t *><uintptr_t>pre.ctypes.data
    cdef const uint32_t *target = <const uint32_t *><uintptr_t>post.ctypes.data
    cdef const double *values = <const double *><uintptr_t>value.ctypes.data
    cdef double *elements = <double *><uintptr_t>result.ctypes.data
    cdef size_t n = pre.size
    cdef int kind = MULTIPLE.index(multiple)
    with nogil:
        to_matrix(source, target, values, n, n_post, <Multiple>kind, elements)
    return result


def line_room(size_t n_columns):
    """The bytes that a line of so many numbers takes at most."""
    return n_columns * kLongestNumber


def lines(columns, size_t begin, size_t end, room, unsigned threads=1):
    """Rows begin to end (excluded) as `numpy.savetxt` writes them with tabs between numbers: pieces of `room`, to be joined.

    `columns`: arrays of doubles, one number for each row; `room`: bytes, `line_room` for each of the rows.
    """
    cdef vector[NumberColumn] numbers
    cdef NumberColumn column
    cdef size_t k
    for array in columns:
        if array.dtype != np.float64 or array.ndim != 1 or array.size < end or array.strides[0] % 8:
            raise ValueError(f"a column of shape {array.shape}, {array.dtype}, has not {end} doubles")
        column.data = <const double *><uintptr_t>array.ctypes.data
        column.stride = array.strides[0] // 8
        numbers.push_back(column)
    cdef unsigned char[::1] out = room
    if begin > end or not 1 <= threads or <size_t>out.shape[0] < (end - begin) * line_room(len(columns)):
        raise ValueError(f"no room for rows {begin} to {end} in {out.shape[0]} bytes, or no thread")
    if begin == end or not columns:
        return []
    cdef vector[size_t] lengths
    lengths.resize(threads)
    with nogil:
        to_lines(numbers, begin, end, threads, <char *>&out[0], lengths.data())
    first = [(end - begin) * k // threads * line_room(len(columns)) for k in range(threads)]
    return [room[at : at + length] for at, length in zip(first, lengths)]


def tuples(pre, post, values):
    """Return a list of tuples: the two indices, if there are any, and one number of each of the arrays."""
    columns = [np.ascontiguousarray(array, np.float64) for array in values]
    cdef Py_ssize_t n = columns[0].size if columns else len(pre)
    cdef Py_ssize_t addressed = 0 if pre is None else 2
    cdef vector[const double *] numbers
    cdef const uint32_t *source = NULL
    cdef const uint32_t *target = NULL
    if addressed:
        pre, post = np.ascontiguousarray(pre, np.uint32), np.ascontiguousarray(post, np.uint32)
        source = <const uint32_t *><uintptr_t>pre.ctypes.data
        target = <const uint32_t *><uintptr_t>post.ctypes.data
    for array in columns:
        numbers.push_back(<const double *><uintptr_t>array.ctypes.data)
    if any(array.size != n for array in columns) or (addressed and not pre.size == post.size == n):
        raise ValueError("columns of different lengths")
    # One object for each index, not for each connection: they are most of the memory.
    indices = list(range(max(int(pre.max()), int(post.max())) + 1)) if addressed and n else []
    result = PyList_New(n)
    cdef bint collecting = PyGC_Disable()  # nothing here can be garbage, and to look for it in millions of tuples is slow
    try:
        _fill(result, indices, source, target, numbers)
    finally:
        if collecting:
            PyGC_Enable()
    return result


cdef int _fill(list result, list indices, const uint32_t *source, const uint32_t *target,
               const vector[const double *]& numbers) except -1:
    cdef Py_ssize_t k, c, n_numbers = numbers.size(), addressed = 0 if source == NULL else 2
    cdef object row, item, before = None
    for k in range(PyList_GET_SIZE(result)):
        row = PyTuple_New(addressed + n_numbers)
        PyObject_GC_UnTrack(row)  # as the collector does with a tuple of numbers when it first meets it
        if addressed:
            item = <object>PyList_GET_ITEM(indices, source[k])
            Py_INCREF(item)
            PyTuple_SET_ITEM(row, 0, item)
            item = <object>PyList_GET_ITEM(indices, target[k])
            Py_INCREF(item)
            PyTuple_SET_ITEM(row, 1, item)
        for c in range(n_numbers):
            if k > 0 and memcmp(&numbers[c][k], &numbers[c][k - 1], sizeof(double)) == 0:
                item = <object>PyTuple_GET_ITEM(before, addressed + c)  # such as a delay: one object for all of them
            else:
                item = PyFloat_FromDouble(numbers[c][k])
            Py_INCREF(item)
            PyTuple_SET_ITEM(row, addressed + c, item)
        Py_INCREF(row)
        PyList_SET_ITEM(result, k, row)
        before = row
    return 0
