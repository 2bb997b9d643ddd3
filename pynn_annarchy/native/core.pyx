# cython: language_level=3, boundscheck=False, wraparound=False
# distutils: language = c++
"""Thin Cython over csrc/: arrays in, arrays out. Ownership and meaning are `network.py`'s business.

Whoever passes an array here keeps it alive and in place: C++ holds pointers.
"""

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memcpy
from libcpp cimport bool as cbool
from libcpp.memory cimport make_shared, shared_ptr, unique_ptr
from libcpp.string cimport string
from libcpp.utility cimport move
from libcpp.vector cimport vector

from .engine_headers cimport *

import numpy as np

CHUNK = PA_CHUNK
ABI_VERSION = PA_ABI_VERSION


def kernel_info(uintptr_t address):
    """Everything a ``pa_neuron_kernel`` says about itself."""
    cdef const pa_neuron_kernel *k = <const pa_neuron_kernel *>address
    return {
        "name": k.name.decode(),
        "abi_version": k.abi_version,
        "state_bytes": k.state_bytes,
        "acc_bytes": k.acc_bytes,
        "flags": k.flags,
        "parameters": {k.param_names[i].decode(): k.param_defaults[i] for i in range(k.n_params)},
        "constants": {k.constant_names[i].decode(): k.constant_depends[i] for i in range(k.n_constants)},
        "states": {k.state_names[i].decode(): k.state_inits[i] for i in range(k.n_state)},
        "receptors": tuple([k.input_names[i].decode() for i in range(k.n_inputs)]),
    }


def synapse_kernel_info(uintptr_t address):
    """Everything a ``pa_synapse_kernel`` says about itself."""
    cdef const pa_synapse_kernel *k = <const pa_synapse_kernel *>address
    return {
        "name": k.name.decode(),
        "abi_version": k.abi_version,
        "state_bytes": k.state_bytes,
        "acc_bytes": k.acc_bytes,
        "flags": k.flags,
        "parameters": {k.param_names[i].decode(): k.param_defaults[i] for i in range(k.n_params)},
        "constants": {k.constant_names[i].decode(): k.constant_depends[i] for i in range(k.n_constants)},
        "variables": {k.variable_names[i].decode(): k.variable_inits[i] for i in range(k.n_variables)},
        "post": tuple([k.post_names[i].decode() for i in range(k.n_post)]),
        "row_variables": k.row_variables,
        "target_variables": k.target_variables,
        "target_parameters": k.target_parameters,
        "row_parameters": k.row_parameters,
    }


ctypedef fused any_kernel:
    pa_neuron_kernel
    pa_synapse_kernel
    pa_rows_kernel


cdef object constants_of(const any_kernel *k, const double[:, ::1] parameters, double dt_ms):
    cdef size_t n = parameters.shape[1]
    constants = np.zeros((k.n_constants, n))
    cdef double[:, ::1] view = constants
    cdef const double *p = NULL
    cdef double *c = NULL
    if n > 0 and parameters.shape[0] > 0:
        p = &parameters[0, 0]
    if n > 0 and k.n_constants > 0:
        c = &view[0, 0]
        with nogil:
            derive_constants(k[0], p, n, dt_ms, c)
    return constants


def derive(uintptr_t address, const double[:, ::1] parameters, double dt_ms):
    """Constants [n_constants, n] from parameters [n_params, n] in the order of a neuron kernel."""
    return constants_of(<const pa_neuron_kernel *>address, parameters, dt_ms)


def derive_synapse(uintptr_t address, const double[:, ::1] parameters, double dt_ms):
    """Constants [n_constants, n] from parameters [n_params, n] in the order of a synapse kernel."""
    return constants_of(<const pa_synapse_kernel *>address, parameters, dt_ms)


def derive_rows(uintptr_t address, const double[:, ::1] parameters, double dt_ms):
    """Constants [n_constants, n] from parameters [n_params, n] in the order of a kernel of continuous synapses."""
    return constants_of(<const pa_rows_kernel *>address, parameters, dt_ms)


cdef GapJunctions gap_junctions(arrays):
    cdef GapJunctions junctions
    cdef Membrane membrane
    junctions.first = numbers(arrays.first)
    junctions.second = numbers(arrays.second)
    junctions.neuron = numbers(arrays.neuron)
    junctions.conductance_uS = arrays.conductance_uS
    junctions.capacitance_nF = arrays.capacitance_nF
    for membrane.v, membrane.refractory, membrane.resets, membrane.injectable in arrays.membranes:
        junctions.membranes.push_back(membrane)
    return junctions


cdef raw(const void *data, size_t size):
    array = np.empty(size, np.uint8)
    cdef uint8_t[::1] view = array
    if size > 0:
        memcpy(&view[0], data, size)
    return array


def coupling_tables(arrays, block, position, double dt_ms):
    """The members of `CouplingTables` by name, as bytes but for `neuron`: of junctions between neurons at these places.

    `arrays`: the `CouplingArrays` of native/coupling.py; `block`, `position`: of each of their neurons.
    """
    cdef GapJunctions junctions = gap_junctions(arrays)
    junctions.block = numbers(block)
    junctions.position = numbers(position)
    cdef unique_ptr[CouplingTables] tables = unique_ptr[CouplingTables](new CouplingTables(junctions, dt_ms))
    cdef CouplingTables *t = tables.get()
    return {
        "membrane": raw(t.membrane.data(), t.membrane.size() * sizeof(Membrane)),
        "neuron": raw(t.neuron.data(), t.neuron.size() * sizeof(uint32_t)).view(np.uint32),
        "cell": raw(t.cell.data(), t.cell.size() * sizeof(CoupledCell)),
        "part": raw(t.part.data(), t.part.size() * sizeof(CoupledPart)),
        "row": raw(t.row.data(), t.row.size() * sizeof(uint64_t)),
        "other": raw(t.other.data(), t.other.size() * sizeof(uint64_t)),
        "rate": raw(t.rate.data(), t.rate.size() * sizeof(double)),
        "carried": raw(t.carried.data(), t.carried.size() * sizeof(double)),
        "total": raw(t.total.data(), t.total.size() * sizeof(double)),
    }


cdef vector[uint32_t] numbers(const uint32_t[::1] array):
    cdef vector[uint32_t] result
    if array.shape[0] > 0:
        result.assign(&array[0], &array[0] + array.shape[0])
    return result


cdef class Waveform:
    """A current in nA as a pure function of the step."""

    cdef shared_ptr[CWaveform] pointer

    @staticmethod
    def step(const int64_t[::1] steps, const double[::1] amplitudes_nA):
        cdef Waveform self = Waveform.__new__(Waveform)
        cdef vector[int64_t] s
        cdef vector[double] a
        for i in range(steps.shape[0]):
            s.push_back(steps[i])
            a.push_back(amplitudes_nA[i])
        self.pointer = make_step_waveform(s, a)
        return self

    @staticmethod
    def sine(double amplitude_nA, double offset_nA, double frequency_Hz, double phase_deg, int64_t start_step,
             int64_t stop_step, double dt_ms):
        cdef Waveform self = Waveform.__new__(Waveform)
        self.pointer = make_sine_waveform(amplitude_nA, offset_nA, frequency_Hz, phase_deg, start_step, stop_step,
                                          dt_ms)
        return self

    @staticmethod
    def noise(double mean_nA, double stdev_nA, int64_t interval_steps, int64_t start_step, int64_t stop_step,
              uint64_t seed, uint32_t stream, uint32_t element):
        cdef Waveform self = Waveform.__new__(Waveform)
        self.pointer = make_noise_waveform(mean_nA, stdev_nA, interval_steps, start_step, stop_step, seed, stream,
                                           element)
        return self

    def values(self, int64_t first_step, int64_t n):
        """The current at ``n`` successive step boundaries."""
        result = np.empty(n)
        cdef double[::1] view = result
        cdef int64_t k
        for k in range(n):
            view[k] = self.pointer.get().at(first_step + k)
        return result


cdef class Recorder:
    """One state variable of some neurons of one block."""

    cdef shared_ptr[SignalRecorder] pointer

    def __cinit__(self, uint32_t block, uint32_t state, const uint32_t[::1] positions, int64_t interval_steps):
        self.pointer = make_shared[SignalRecorder](block, state, numbers(positions), interval_steps)

    def begin(self, uintptr_t rows, int64_t first_step, int64_t n_rows):
        """The memory for the samples at first_step, first_step + interval_steps, ..."""
        self.pointer.get().begin(<void *>rows, first_step, n_rows)


cdef class SpikeLog:
    """Spikes of some neurons in the global order."""

    cdef shared_ptr[CSpikeLog] pointer

    def __cinit__(self):
        self.pointer = make_shared[CSpikeLog]()

    def __len__(self):
        return self.pointer.get().neuron.size()

    def events(self):
        """Neuron numbers and times in ms."""
        cdef size_t n = self.pointer.get().neuron.size()
        neuron = np.empty(n, np.uint32)
        time_ms = np.empty(n)
        cdef uint32_t[::1] neuron_view = neuron
        cdef double[::1] time_view = time_ms
        if n > 0:
            memcpy(&neuron_view[0], self.pointer.get().neuron.data(), n * sizeof(uint32_t))
            memcpy(&time_view[0], self.pointer.get().time_ms.data(), n * sizeof(double))
        return neuron, time_ms

    def clear(self):
        self.pointer.get().neuron = vector[uint32_t]()
        self.pointer.get().time_ms = vector[double]()


cdef SynapseArrays static_arrays(part) except *:
    """Of (source, target, delay array or number, weight array or number, input of each block or -1, 0).

    Or, without arrays, of (None, None, delay, weight, input of each block, address of columns).
    """
    cdef SynapseArrays s
    source, target, delay, weight, receptor, columns = part
    s.n = 0
    s.source = s.target = NULL
    s.columns = <const SynapseColumns *><uintptr_t>columns
    if source is not None:
        s.n = len(source)
        s.source = <const uint32_t *><uintptr_t>source.ctypes.data
        s.target = <const uint32_t *><uintptr_t>target.ctypes.data
    s.delay = NULL
    s.weight = NULL
    s.delay_all = 0
    s.weight_all = 0
    if isinstance(delay, np.ndarray):
        s.delay = <const uint16_t *><uintptr_t>delay.ctypes.data
    else:
        s.delay_all = delay
    if isinstance(weight, np.ndarray):
        s.weight = <const double *><uintptr_t>weight.ctypes.data
    else:
        s.weight_all = weight
    s.receptor = receptor
    return s


cdef vector[SynapseArrays] all_static_arrays(parts) except *:
    cdef vector[SynapseArrays] found
    for part in parts:
        found.push_back(static_arrays(part))
    return found


cdef class StoreBuilder:
    """Static synapses on their way into a store: all of them are counted, then each is put."""

    cdef unique_ptr[CStoreBuilder] pointer
    cdef object engine  # whose partition it refers to

    def count(self, part):
        cdef SynapseArrays s = static_arrays(part)
        with nogil:
            self.pointer.get().count(s)

    def put(self, part):
        cdef SynapseArrays s = static_arrays(part)
        with nogil:
            self.pointer.get().put(s)

    def count_together(self, parts):
        """As `count`, of several that are few or without arrays."""
        cdef vector[SynapseArrays] projections = all_static_arrays(parts)
        with nogil:
            self.pointer.get().count(projections)

    def put_together(self, parts):
        cdef vector[SynapseArrays] projections = all_static_arrays(parts)
        with nogil:
            self.pointer.get().put(projections)

    def finish(self):
        cdef Store store = Store.__new__(Store)
        with nogil:
            store.pointer = self.pointer.get().finish()
        return store


cdef class Store:
    """The synapses of one or more projections, laid out for delivery."""

    cdef shared_ptr[CStaticStore] pointer

    @property
    def n_synapses(self):
        return self.pointer.get().n_synapses()

    @property
    def n_bytes(self):
        return self.pointer.get().bytes()

    def recall(self, size_t n, box, receptor, cbool with_delay, cbool with_weight):
        """Source, target, delay, weight of the n synapses of a projection that nothing else has in common with it.

        `box`: first source, one behind the last, first target, one behind the last; `receptor`: as it was stored.
        """
        source, target = np.empty(n, np.uint32), np.empty(n, np.uint32)
        delay, weight = np.empty(n if with_delay else 0, np.uint16), np.empty(n if with_weight else 0)
        cdef Selection selection
        selection.first_source, selection.end_source, selection.first_target, selection.end_target = box
        selection.receptor = receptor
        cdef uint32_t *sources = <uint32_t *><uintptr_t>source.ctypes.data
        cdef uint32_t *targets = <uint32_t *><uintptr_t>target.ctypes.data
        cdef uint16_t *delays = NULL
        cdef double *weights = NULL
        if with_delay:
            delays = <uint16_t *><uintptr_t>delay.ctypes.data
        if with_weight:
            weights = <double *><uintptr_t>weight.ctypes.data
        with nogil:
            self.pointer.get().recall(selection, n, sources, targets, delays, weights)
        return source, target, delay, weight


def trim_heap():
    """Give memory that has been freed back to the system."""
    with nogil:
        c_trim_heap()


cdef array_of(const vector[uint32_t]& values):
    array = np.empty(values.size(), np.uint32)
    if values.size() > 0:
        memcpy(<void *><uintptr_t>array.ctypes.data, values.data(), values.size() * sizeof(uint32_t))
    return array


def recallable(source, target, delay):
    """Where lists differ from what a store recalls, and which element of that is there; None if in all too much."""
    cdef vector[uint32_t] where, origin
    cdef size_t n = len(source)
    cdef const uint32_t *sources = <const uint32_t *><uintptr_t>source.ctypes.data
    cdef const uint32_t *targets = <const uint32_t *><uintptr_t>target.ctypes.data
    cdef const uint16_t *delays = NULL
    cdef cbool found
    if isinstance(delay, np.ndarray):
        delays = <const uint16_t *><uintptr_t>delay.ctypes.data
    with nogil:
        found = c_recallable(n, sources, targets, delays, &where, &origin)
    return (array_of(where), array_of(origin)) if found else None


cdef Steps steps_of(array):
    cdef Steps steps
    steps.at = <const uint16_t *><uintptr_t>array.ctypes.data
    steps.stride = len(array) > 1
    return steps


cdef PlasticState state_of(arrays):
    """`arrays`: variables, constants, last, last_pre, last_post, seen, seen_modulator, row_from; None: not there."""
    cdef PlasticState state
    variables, constants, last, last_pre, last_post, seen, seen_modulator, row_from = arrays
    for array in variables:
        state.variable.push_back(<void *>address_of(array))
    for array in constants:
        state.constant.push_back(<const void *>address_of(array))
    state.last = <int64_t *>address_of(last)
    state.last_pre = <int64_t *>address_of(last_pre)
    state.last_post = <int64_t *>address_of(last_post)
    state.seen = <uint32_t *>address_of(seen)
    state.seen_modulator = <uint32_t *>address_of(seen_modulator)
    state.row_from = <int64_t *>address_of(row_from)
    return state


cdef class PlasticStore:
    """Synapses with state of one model onto one block: each thread's in an order of its own."""

    cdef shared_ptr[CPlasticStore] pointer
    cdef object alive

    @property
    def n_bytes(self):
        return self.pointer.get().bytes()

    def numbers(self, unsigned thread):
        """The number of each of a thread's synapses, in the thread's order. A copy."""
        cdef size_t n = self.pointer.get().size(thread)
        result = np.empty(n, np.uint32)
        cdef uint32_t[::1] view = result
        if n > 0:
            memcpy(&view[0], self.pointer.get().number(thread), n * sizeof(uint32_t))
        return result

    def row_first(self, unsigned thread):
        """The first of the synapses of each row of a thread, and the end of the last. A copy."""
        return np.array(self.pointer.get().row_first(thread), np.int64)

    def attach(self, unsigned thread, arrays, cbool by_row, strides, post, uint32_t stream, heard=None):
        """`arrays`: see state_of; `by_row`: see pa_synapses; `heard`: likewise, with `by_target`."""
        cdef PlasticState state = state_of(arrays)
        cdef vector[const void*] of_target
        state.constant_stride = strides
        state.by_row = by_row
        state.by_target = heard is not None
        state.heard = <int64_t *>address_of(heard)
        for array in post:
            of_target.push_back(<const void *><uintptr_t>array.ctypes.data)
        self.pointer.get().attach(thread, state, of_target, stream)

    @property
    def may_echo(self):
        """Whether `by_target` is for these synapses."""
        return self.pointer.get().may_echo()

    def begin_echoes(self, size_t n_targets, first, int64_t began):
        """Before `by_target`, and when all is as it began: the values that target variables have at the event."""
        self.pointer.get().begin_echoes(n_targets, first, began)

    def part_targets(self, unsigned thread, int64_t last, arrays):
        """Fill the arrays that are not there `by_target`, as they are when all events up to `last` have happened."""
        self.pointer.get().part_targets(thread, last, state_of(arrays))

    def set_links(self, sources, changes):
        """`sources`: (variable, published variable); `changes`: (variable, of the source, state variable by block)."""
        cdef NeuronLinks links
        cdef SourceLink source
        cdef ChangeLink change
        for source.variable, source.published in sources:
            links.sources.push_back(source)
        for variable, of_source, state in changes:
            change.variable = variable
            change.of_source = of_source
            change.state = state
            links.changes.push_back(change)
        self.pointer.get().set_links(links)

    def set_switches(self, cbool transmits, uint32_t held, int64_t tick_period, int64_t tick_offset):
        """What the synapses do at all: see PlasticSwitches."""
        cdef PlasticSwitches switches
        switches.transmits = transmits
        switches.held = held
        switches.tick_period = tick_period
        switches.tick_offset = tick_offset
        self.pointer.get().set_switches(switches)

    def catch_up(self, unsigned thread, int64_t last):
        """Apply what targets and modulators have sent up to the event `last`."""
        with nogil:
            self.pointer.get().catch_up(thread, last)

    def settle(self, uint64_t first, uint64_t end, int64_t last):
        """Make spikes of targets arrive that would have, had synapses first ... end - 1 always had their delays."""
        self.pointer.get().settle(first, end, last)

    def observe(self, unsigned thread, const uint64_t[::1] index, uint32_t variable, int64_t last):
        """A variable of a thread's synapses at these places, when all events up to `last` have happened."""
        cdef size_t n = index.shape[0]
        values = np.empty(n)
        cdef double[::1] view = values
        if n > 0:
            with nogil:
                self.pointer.get().observe(thread, &index[0], n, variable, last, &view[0])
        return values

    def export_pending(self, int64_t after):
        """Arrivals after an event: (event, event when sent, number of the synapse, repeat, delay), as they act."""
        cdef Pending pending
        self.pointer.get().export_pending(after, &pending)
        return (
            np.array(pending.event, np.int64),
            np.array(pending.emitted, np.int64),
            np.array(pending.number, np.uint32),
            np.array(pending.repeat, np.uint32),
            np.array(pending.delay, np.int32),
        )

    def import_pending(self, event, emitted, number, repeat, delay, int64_t after):
        """Take those of these arrivals that are on their way to synapses of this store."""
        cdef Pending pending
        pending.event = event
        pending.emitted = emitted
        pending.number = number
        pending.repeat = repeat
        pending.delay = delay
        self.pointer.get().import_pending(pending, after)


cdef uintptr_t address_of(array):
    return 0 if array is None else array.ctypes.data


cdef class SynapseRecorder:
    """One variable of some synapses of one projection."""

    cdef shared_ptr[CSynapseRecorder] pointer

    def __cinit__(self, uint32_t variable, size_t columns, int64_t interval_steps):
        self.pointer = make_shared[CSynapseRecorder](variable, columns, interval_steps)

    def begin(self, uintptr_t rows, int64_t first_step, int64_t n_rows):
        """The memory for the samples at first_step, first_step + interval_steps, ..."""
        self.pointer.get().begin(<double *>rows, first_step, n_rows)

    def find(self, places):
        """`places`: (store's number, thread, places there, columns here) of all synapses."""
        cdef vector[uint64_t] index
        cdef vector[uint32_t] column
        self.pointer.get().clear()
        for store, thread, where, columns in places:
            index = where
            column = columns
            self.pointer.get().add(store, thread, index, column)


cdef class RowsRecorder:
    """One variable of some continuous synapses of one projection."""

    cdef shared_ptr[CRowsRecorder] pointer

    def __cinit__(self, uint32_t variable, size_t columns, int64_t interval_steps):
        self.pointer = make_shared[CRowsRecorder](variable, columns, interval_steps)

    def begin(self, uintptr_t rows, int64_t first_step, int64_t n_rows):
        """The memory for the samples at first_step, first_step + interval_steps, ..."""
        self.pointer.get().begin(<double *>rows, first_step, n_rows)

    def find(self, places):
        """`places`: (store's number, thread, places in the variable's array, columns here) of all values."""
        cdef vector[uint64_t] index
        cdef vector[uint32_t] column
        self.pointer.get().clear()
        for store, thread, where, columns in places:
            index = where
            column = columns
            self.pointer.get().add(store, thread, index, column)


cdef CPublished published_of(variables, reductions, unsigned threads, size_t real_bytes) except *:
    """`variables`: (state of each block or -1, array [slots, neurons]); `reductions`: (operation, variable, neurons)."""
    cdef vector[PublishedVariable] all_variables
    cdef PublishedVariable variable
    cdef vector[ReductionSpec] all_reductions
    cdef ReductionSpec reduction
    for states, array in variables:
        variable.state = states
        variable.slot.clear()
        for row in array:
            variable.slot.push_back(<void *><uintptr_t>row.ctypes.data)
        all_variables.push_back(variable)
    for operation, number, neurons in reductions:
        reduction.operation = <Operation><int>operation
        reduction.variable = number
        reduction.neurons = numbers(neurons)
        all_reductions.push_back(reduction)
    return CPublished(all_variables, all_reductions, threads, real_bytes)


cdef pa_rows rows_of(arrays, first_source, shared, double dt_ms, uint64_t seed, uint32_t stream):
    cdef pa_rows rows
    begin, target, source, delay, _, _, _, number, row_number = arrays
    rows.n_rows = len(target)
    rows.begin = <const uint64_t *>address_of(begin)
    rows.target = <const uint32_t *>address_of(target)
    rows.source = <const uint32_t *>address_of(source)
    rows.first_source = first_source
    rows.shared = shared
    rows.delay = <const uint16_t *>address_of(delay)
    rows.delay_stride = 1 if len(delay) > 1 else 0
    rows.number = <const uint32_t *>address_of(number)
    rows.row_number = <const uint32_t *>address_of(row_number)
    rows.dt_ms = dt_ms
    rows.seed = seed
    rows.stream = stream
    return rows


cdef RowsStore rows_store_of(description, double dt_ms, uint64_t seed) except *:
    cdef RowsStore store
    cdef vector[void*] pointers
    kernel, block, receptor, pre, post, globals_, arrays, first_source, shared, stream, switches, learning = description
    store.kernel = <const pa_rows_kernel *><uintptr_t>kernel
    store.block = block
    store.input = receptor
    store.pre = pre
    store.post = post
    store.globals = globals_
    store.transmits, store.learns, store.frozen, store.leads = switches
    store.learn_period, store.learn_offset = learning
    store.rows = rows_of(arrays, first_source, shared, dt_ms, seed, stream)
    variables, constants, localities = arrays[4:7]
    n_threads = len(variables[0]) if variables else 0
    for array in constants:
        store.constant.push_back(<const void *><uintptr_t>array.ctypes.data)
    store.constant_locality = localities
    for thread in range(n_threads):
        pointers.clear()
        for of_threads in variables:
            pointers.push_back(<void *><uintptr_t>of_threads[thread].ctypes.data)
        store.variable.push_back(pointers)
    return store


cdef int poll(void *context, int64_t step) noexcept with gil:
    cdef Engine engine = <Engine>context
    try:
        PyErr_CheckSignals()
        engine.polls += 1
        if engine.progress is not None and engine.polls % 2 == 0:
            engine.progress(step)
    except BaseException as error:  # carried over the C++ frames, raised by run()
        engine.error = error
        return 1
    return 0


cdef int poll_without_gil(void *context, int64_t step) noexcept nogil:
    return poll(context, step)


cdef class Engine:
    """The C++ time loop of one network."""

    cdef unique_ptr[CEngine] pointer
    cdef object alive
    cdef object progress
    cdef object error
    cdef int64_t polls
    cdef double dt_ms
    cdef uint64_t seed
    cdef unsigned threads
    cdef size_t real_bytes

    def __cinit__(self, double dt_ms, uint64_t seed, unsigned threads, size_t real_bytes, size_t acc_bytes):
        self.dt_ms, self.seed, self.threads, self.real_bytes = dt_ms, seed, threads, real_bytes
        self.pointer.reset(new CEngine(dt_ms, seed, threads, real_bytes, acc_bytes))

    @property
    def step(self):
        return self.pointer.get().step()

    def lay_out(self, blocks, uint32_t n_neurons, uint32_t max_delay, uint32_t window, uint32_t late_slots,
                unsigned working):
        """Take the blocks as they are now; returns whether neurons have moved and all that refers to them is dropped.

        `blocks`: (kernel address, n, neuron, states, constants, strides, source data address, stream) of each.
        """
        cdef vector[BlockSpec] specs
        cdef BlockSpec spec
        for address, n, neuron, states, constants, strides, source_data, stream in blocks:
            spec.kernel = <const pa_neuron_kernel *><uintptr_t>address
            spec.n = n
            spec.neuron = <const uint32_t *><uintptr_t>neuron.ctypes.data
            spec.state.clear()
            for array in states:
                spec.state.push_back(<void *><uintptr_t>array.ctypes.data)
            spec.constant.clear()
            for array in constants:
                spec.constant.push_back(<const void *><uintptr_t>array.ctypes.data)
            spec.constant_stride = strides
            spec.source_data = <const void *><uintptr_t>source_data
            spec.stream = stream
            specs.push_back(spec)
        moved = self.pointer.get().lay_out(specs, n_neurons, max_delay, window, late_slots, working)
        self.alive = blocks
        return moved

    @property
    def recalls(self):
        """Whether stores give back what was put into them."""
        return True

    def store_builder(self, cbool uniform_weight):
        """Begin a store of static synapses; it has to be finished before the network is laid out again."""
        cdef StoreBuilder builder = StoreBuilder.__new__(StoreBuilder)
        cdef CEngine *engine = self.pointer.get()
        cdef vector[uint32_t] bits = engine.lane_bits()
        builder.pointer = make_static_store(uniform_weight, engine.partition(), bits, engine.acc_bytes())
        builder.engine = self
        return builder

    def set_stores(self, stores):
        cdef vector[shared_ptr[CStore]] pointers
        for store in stores:
            pointers.push_back(<shared_ptr[CStore]>(<Store?>store).pointer)
        self.pointer.get().set_stores(pointers)

    def set_delivery(self, way):
        """How spikes reach static synapses, with the same results: "push", "pull", or "auto"."""
        ways = {"auto": Delivery.kChosen, "push": Delivery.kPushed, "pull": Delivery.kPulled}
        self.pointer.get().set_delivery(ways[way])

    @property
    def pulls(self):
        """Whether a run would pull."""
        return self.pointer.get().pulls()

    def add_modulator(self, neurons):
        """Keep the spikes of these neurons for synapses; returns the number that stores know them by."""
        return self.pointer.get().add_modulator(numbers(neurons))

    def load_trains(self, size_t block, const uint32_t[::1] position, const uint32_t[::1] first,
                    const int64_t[:, ::1] steps, const uint32_t[::1] count):
        """Let spikes of neurons that synapses watch be what another engine has kept: `steps` has a row for each."""
        cdef CSynapses *synapses = self.pointer.get().synapses()
        for k in range(position.shape[0]):
            synapses.load_train(block, position[k], first[k], &steps[k, 0], count[k])

    def load_modulator(self, uint32_t modulator, uint32_t first, const int64_t[::1] steps, size_t count):
        """Likewise the first `count` of these spikes, of a modulator."""
        self.pointer.get().synapses().load_modulator(modulator, first, &steps[0], count)

    def plastic_store(self, uintptr_t kernel, size_t block, cbool late, uint32_t modulator, uint32_t modulator_delay,
                      parts, further=(), uint32_t ahead=0):
        """`parts`: (source, target, number, delay, axonal, dendritic, input of the block's model).

        Numbers are an array, or the first of successive ones; steps are arrays of as many, or of one for all.
        `further`: how far other inputs that get the same are from that one; `ahead`: by how many steps what is
        transmitted in every step comes later.
        """
        cdef vector[uint32_t] distances = [int(distance) & 0xFFFFFFFF for distance in further]
        cdef vector[PlasticArrays] synapses
        cdef PlasticArrays s
        for source, target, number, delay, axonal, dendritic, receptor in parts:
            s.n = len(source)
            s.source = <const uint32_t *><uintptr_t>source.ctypes.data
            s.target = <const uint32_t *><uintptr_t>target.ctypes.data
            s.number = NULL
            s.first_number = 0
            if isinstance(number, int):
                s.first_number = number
            else:
                s.number = <const uint32_t *><uintptr_t>number.ctypes.data
            s.delay = steps_of(delay)
            s.axonal = steps_of(axonal)
            s.dendritic = steps_of(dendritic)
            s.input = receptor
            synapses.push_back(s)
        cdef PlasticStore store = PlasticStore.__new__(PlasticStore)
        cdef CEngine *engine = self.pointer.get()
        with nogil:
            store.pointer = engine.make_plastic_store(<const pa_synapse_kernel *>kernel, block, late, modulator,
                                                      modulator_delay, synapses)
        store.pointer.get().set_outlets(distances, ahead, engine.partition())
        return store

    def set_plastic_stores(self, stores, uint64_t first_new):
        """Take these stores; synapses with numbers from `first_new` on were in none before."""
        cdef vector[shared_ptr[CPlasticStore]] pointers
        for store in stores:
            pointers.push_back((<PlasticStore?>store).pointer)
        self.pointer.get().set_plastic_stores(pointers, first_new)

    def set_synapse_recorders(self, recorders):
        cdef vector[shared_ptr[CSynapseRecorder]] pointers
        for recorder in recorders:
            pointers.push_back((<SynapseRecorder?>recorder).pointer)
        self.pointer.get().set_synapse_recorders(pointers)

    def set_injections(self, injections):
        """`injections`: (waveform, neuron numbers) of each."""
        cdef vector[Injection] all_of_them
        cdef Injection one
        for waveform, neurons in injections:
            one.waveform = (<Waveform?>waveform).pointer
            one.neurons = numbers(neurons)
            all_of_them.push_back(one)
        self.pointer.get().set_injections(all_of_them)

    def set_coupling(self, arrays):
        """`arrays`: the `CouplingArrays` of native/coupling.py."""
        self.pointer.get().set_coupling(gap_junctions(arrays))

    def set_rows(self, variables, reductions, stores, inputs):
        """`stores`: as native/continuous.py describes them; `inputs`: (block, input, reduction, first, end)."""
        cdef vector[RowsStore] all_stores
        cdef vector[ReducedInput] all_inputs
        cdef ReducedInput one
        for description in stores:
            all_stores.push_back(rows_store_of(description, self.dt_ms, self.seed))
            all_stores.back().variable.resize(self.threads)
        for one.block, one.input, one.reduction, one.first, one.end in inputs:
            all_inputs.push_back(one)
        cdef CPublished published = published_of(variables, reductions, self.threads, self.real_bytes)
        self.pointer.get().set_rows(published, all_stores, all_inputs)

    def set_rows_recorders(self, recorders):
        cdef vector[shared_ptr[CRowsRecorder]] pointers
        for recorder in recorders:
            pointers.push_back((<RowsRecorder?>recorder).pointer)
        self.pointer.get().set_rows_recorders(pointers)

    def rows_begin(self, size_t store):
        """[threads + 1]: which rows of a store are whose."""
        return list(self.pointer.get().rows_begin(store))

    def set_recorders(self, recorders):
        cdef vector[shared_ptr[SignalRecorder]] pointers
        for recorder in recorders:
            pointers.push_back((<Recorder?>recorder).pointer)
        self.pointer.get().set_signals(pointers)

    def set_spike_logs(self, entries):
        """`entries`: (log, neuron numbers) of each."""
        cdef vector[RouterEntry] all_of_them
        cdef RouterEntry one
        for log, neurons in entries:
            one.log = (<SpikeLog?>log).pointer
            one.neurons = numbers(neurons)
            all_of_them.push_back(one)
        self.pointer.get().set_spike_logs(all_of_them)

    def set_disabled(self, positions):
        """Leave these neurons, by position in each block, as they are."""
        cdef vector[vector[uint32_t]] of_blocks
        for array in positions:
            of_blocks.push_back(numbers(array))
        self.pointer.get().set_disabled(of_blocks)

    def clear_input(self, size_t block, uint32_t first, uint32_t end):
        """Forget what is on its way to neurons [first, end) of a block."""
        self.pointer.get().clear_input(block, first, end)

    def run(self, int64_t n_steps, progress):
        """Advance; an exception of `progress` or a signal stops at the end of a window and is raised then."""
        cdef Poll how
        how.call = poll_without_gil
        how.context = <void *>self
        self.progress = progress
        self.error = None
        self.polls = 0
        cdef int64_t done
        cdef CEngine *engine = self.pointer.get()
        try:
            with nogil:
                done = engine.run(n_steps, how)
        finally:
            self.progress = None
        if self.error is not None:
            error, self.error = self.error, None
            raise error
        return done

    def measure(self, cbool on):
        """Count from now on, or no more, where the time of runs goes."""
        self.pointer.get().measure(on)

    def phases(self):
        """For each thread, seconds of update, exchange, delivery and recording, neuron updates and synaptic events."""
        cdef vector[PhaseTimes] found = self.pointer.get().phases()
        return [(t.seconds[0], t.seconds[1], t.seconds[2], t.seconds[3], t.updates, t.events) for t in found]

    def reset(self):
        self.pointer.get().reset()
