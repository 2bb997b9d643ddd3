# cython: language_level=3, boundscheck=False, wraparound=False
# distutils: language = c++
"""Thin Cython over csrc/: arrays in, arrays out. Ownership and meaning are `network.py`'s business.

Whoever passes an array here keeps it alive and in place: C++ holds pointers.
"""

from libc.stdint cimport int32_t, int64_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libc.string cimport memcpy
from libcpp cimport bool as cbool
from libcpp.memory cimport make_shared, shared_ptr, unique_ptr
from libcpp.utility cimport move
from libcpp.vector cimport vector

import numpy as np


cdef extern from "Python.h":
    int PyErr_CheckSignals() except -1


cdef extern from "abi.h":
    enum: PA_CHUNK
    enum: PA_ABI_VERSION
    ctypedef struct pa_neuron_kernel:
        uint32_t abi_version, state_bytes, acc_bytes, flags
        const char *name
        uint32_t n_params
        const char *const *param_names
        const double *param_defaults
        uint32_t n_constants
        const char *const *constant_names
        const uint64_t *constant_depends
        uint32_t n_state
        const char *const *state_names
        const double *state_inits
        uint32_t n_inputs
        const char *const *input_names


cdef extern from "constants.h" namespace "pa":
    void derive_constants(const pa_neuron_kernel&, const double*, size_t, double, double*) except + nogil


cdef extern from "current.h" namespace "pa":
    cdef cppclass CWaveform "const pa::Waveform":
        double at(int64_t step) except +
    shared_ptr[CWaveform] make_step_waveform(vector[int64_t], vector[double]) except +
    shared_ptr[CWaveform] make_sine_waveform(double, double, double, double, int64_t, int64_t, double) except +
    shared_ptr[CWaveform] make_noise_waveform(double, double, int64_t, int64_t, int64_t, uint64_t, uint32_t,
                                              uint32_t) except +


cdef extern from "injector.h" namespace "pa":
    cdef cppclass Injection:
        shared_ptr[CWaveform] waveform
        vector[uint32_t] neurons


cdef extern from "partition.h" namespace "pa":
    cdef cppclass Partition:
        pass


cdef extern from "store.h" namespace "pa":
    cdef cppclass SynapseArrays:
        size_t n
        const uint32_t *source
        const uint32_t *target
        const uint16_t *delay
        const double *weight
        uint16_t delay_all
        double weight_all
        vector[int32_t] receptor
    cdef cppclass CStore "const pa::Store":
        size_t n_synapses()
        size_t bytes()
    shared_ptr[CStore] make_static_store(const vector[SynapseArrays]&, cbool, const Partition&,
                                         const vector[uint32_t]&, size_t) except + nogil


cdef extern from "recorder.h" namespace "pa":
    cdef cppclass SignalRecorder:
        SignalRecorder(uint32_t, uint32_t, vector[uint32_t], int64_t)
        void begin(void *rows, int64_t first_step, int64_t n_rows)
    cdef cppclass CSpikeLog "pa::SpikeLog":
        vector[uint32_t] neuron
        vector[double] time_ms
    cdef cppclass RouterEntry "pa::SpikeRouter::Entry":
        shared_ptr[CSpikeLog] log
        vector[uint32_t] neurons


cdef extern from "engine.h" namespace "pa":
    cdef cppclass BlockSpec:
        const pa_neuron_kernel *kernel
        uint32_t n
        const uint32_t *neuron
        vector[void*] state
        vector[const void*] constant
        vector[uint32_t] constant_stride
        const void *source_data
        uint32_t stream
    cdef cppclass Poll:
        int (*call)(void *, int64_t) noexcept
        void *context
    cdef cppclass CEngine "pa::Engine":
        CEngine(double, uint64_t, unsigned, size_t, size_t) except +
        cbool lay_out(vector[BlockSpec], uint32_t, uint32_t, uint32_t) except +
        void set_stores(vector[shared_ptr[CStore]]) except +
        void set_injections(const vector[Injection]&) except +
        void set_signals(vector[shared_ptr[SignalRecorder]]) except +
        void set_spike_logs(vector[RouterEntry]) except +
        const Partition& partition() nogil
        vector[uint32_t] lane_bits()
        size_t acc_bytes() nogil
        int64_t run(int64_t, Poll) except + nogil
        void reset() except +
        int64_t step()


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


def derive(uintptr_t address, const double[:, ::1] parameters, double dt_ms):
    """Constants [n_constants, n] from parameters [n_params, n] in the kernel's order."""
    cdef const pa_neuron_kernel *k = <const pa_neuron_kernel *>address
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


cdef class Store:
    """The synapses of one or more projections, laid out for delivery."""

    cdef shared_ptr[CStore] pointer

    @property
    def n_synapses(self):
        return self.pointer.get().n_synapses()

    @property
    def n_bytes(self):
        return self.pointer.get().bytes()


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

    def __cinit__(self, double dt_ms, uint64_t seed, unsigned threads, size_t real_bytes, size_t acc_bytes):
        self.pointer.reset(new CEngine(dt_ms, seed, threads, real_bytes, acc_bytes))

    @property
    def step(self):
        return self.pointer.get().step()

    def lay_out(self, blocks, uint32_t n_neurons, uint32_t max_delay, uint32_t window):
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
        moved = self.pointer.get().lay_out(specs, n_neurons, max_delay, window)
        self.alive = blocks
        return moved

    def static_store(self, parts, cbool uniform_weight):
        """`parts`: (source, target, delay array or number, weight array or number, input of each block or -1)."""
        cdef vector[SynapseArrays] synapses
        cdef SynapseArrays s
        for source, target, delay, weight, receptor in parts:
            s.n = len(source)
            s.source = <const uint32_t *><uintptr_t>source.ctypes.data
            s.target = <const uint32_t *><uintptr_t>target.ctypes.data
            s.delay = NULL
            s.weight = NULL
            if isinstance(delay, np.ndarray):
                s.delay = <const uint16_t *><uintptr_t>delay.ctypes.data
            else:
                s.delay_all = delay
            if isinstance(weight, np.ndarray):
                s.weight = <const double *><uintptr_t>weight.ctypes.data
            else:
                s.weight_all = weight
            s.receptor = receptor
            synapses.push_back(s)
        cdef Store store = Store.__new__(Store)
        cdef CEngine *engine = self.pointer.get()
        cdef vector[uint32_t] bits = engine.lane_bits()
        with nogil:
            store.pointer = make_static_store(synapses, uniform_weight, engine.partition(), bits, engine.acc_bytes())
        return store

    def set_stores(self, stores):
        cdef vector[shared_ptr[CStore]] pointers
        for store in stores:
            pointers.push_back((<Store?>store).pointer)
        self.pointer.get().set_stores(pointers)

    def set_injections(self, injections):
        """`injections`: (waveform, neuron numbers) of each."""
        cdef vector[Injection] all_of_them
        cdef Injection one
        for waveform, neurons in injections:
            one.waveform = (<Waveform?>waveform).pointer
            one.neurons = numbers(neurons)
            all_of_them.push_back(one)
        self.pointer.get().set_injections(all_of_them)

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

    def reset(self):
        self.pointer.get().reset()
