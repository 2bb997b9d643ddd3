# What core.pyx uses of csrc/, header by header.

from libc.stdint cimport int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, uintptr_t
from libcpp cimport bool as cbool
from libcpp.memory cimport shared_ptr, unique_ptr
from libcpp.string cimport string
from libcpp.vector cimport vector


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
    ctypedef struct pa_synapse_kernel:
        uint32_t abi_version, state_bytes, acc_bytes, flags
        const char *name
        uint32_t n_params
        const char *const *param_names
        const double *param_defaults
        uint32_t n_constants
        const char *const *constant_names
        const uint64_t *constant_depends
        uint32_t n_variables
        const char *const *variable_names
        const double *variable_inits
        uint32_t n_post
        const char *const *post_names
        uint64_t row_variables, row_parameters
        uint64_t target_variables, target_parameters


cdef extern from "abi_rows.h":
    ctypedef struct pa_rows:
        size_t n_rows
        const uint64_t *begin
        const uint32_t *target
        const uint32_t *source
        uint32_t first_source, shared
        const uint16_t *delay
        uint32_t delay_stride
        const uint32_t *number
        const uint32_t *row_number
        double dt_ms
        uint64_t seed
        uint32_t stream
    ctypedef struct pa_rows_kernel:
        uint32_t abi_version, state_bytes, acc_bytes, draws
        const char *name
        uint32_t n_params
        const char *const *param_names
        const double *param_defaults
        uint32_t n_constants
        const char *const *constant_names
        const uint64_t *constant_depends


cdef extern from "constants.h" namespace "pa":
    void derive_constants[K](const K&, const double*, size_t, double, double*) except + nogil


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


cdef extern from "coupling_tables.h" namespace "pa":
    cdef cppclass Membrane:
        int32_t v, refractory
        cbool resets, injectable
    cdef cppclass CoupledCell:
        pass
    cdef cppclass CoupledPart:
        pass
    cdef cppclass GapJunctions:
        vector[uint32_t] first, second, neuron, block, position
        vector[double] conductance_uS, capacitance_nF
        vector[Membrane] membranes
    cdef cppclass CouplingTables:
        CouplingTables(const GapJunctions&, double) except +
        vector[Membrane] membrane
        vector[uint32_t] neuron
        vector[CoupledCell] cell
        vector[CoupledPart] part
        vector[uint64_t] row, other
        vector[double] rate, carried, total


cdef extern from "partition.h" namespace "pa":
    cdef cppclass Partition:
        pass


cdef extern from "store.h" namespace "pa":
    cdef cppclass SynapseColumns:
        pass
    cdef cppclass SynapseArrays:
        size_t n
        const uint32_t *source
        const uint32_t *target
        const uint16_t *delay
        const double *weight
        uint16_t delay_all
        double weight_all
        vector[int32_t] receptor
        const SynapseColumns *columns
    cdef cppclass CStore "const pa::Store":
        size_t n_synapses()
        size_t bytes()
    cdef enum class Delivery "pa::Delivery":
        kChosen
        kPushed
        kPulled

    cdef cppclass Selection:
        uint32_t first_source
        uint32_t end_source
        uint32_t first_target
        uint32_t end_target
        vector[int32_t] receptor
    cdef cppclass CStaticStore "const pa::StaticStore"(CStore):
        void recall(const Selection&, size_t, uint32_t *, uint32_t *, uint16_t *, double *) except + nogil
    cdef cppclass CStoreBuilder "pa::StoreBuilder":
        void count(const SynapseArrays&) except + nogil
        void put(const SynapseArrays&) except + nogil
        void count(const vector[SynapseArrays]&) except + nogil
        void put(const vector[SynapseArrays]&) except + nogil
        shared_ptr[CStaticStore] finish() except + nogil
    unique_ptr[CStoreBuilder] make_static_store(cbool, const Partition&, const vector[uint32_t]&, size_t) except +
    cbool c_recallable "pa::recallable"(size_t, const uint32_t *, const uint32_t *, const uint16_t *,
                                        vector[uint32_t] *, vector[uint32_t] *) except + nogil


cdef extern from "plastic_store.h" namespace "pa":
    cdef cppclass Steps:
        const uint16_t *at
        size_t stride
    cdef cppclass PlasticArrays:
        size_t n
        const uint32_t *source
        const uint32_t *target
        const uint32_t *number
        uint32_t first_number
        Steps delay
        Steps axonal
        Steps dendritic
        uint32_t input
    cdef cppclass PlasticState:
        vector[void*] variable
        vector[const void*] constant
        vector[uint32_t] constant_stride
        int64_t *last
        int64_t *last_pre
        int64_t *last_post
        uint32_t *seen
        uint32_t *seen_modulator
        int64_t *row_from
        int64_t *heard
        cbool by_row
        cbool by_target
    cdef cppclass PlasticSwitches:
        cbool transmits
        uint32_t held
        int64_t tick_period
        int64_t tick_offset
    cdef cppclass SourceLink:
        uint32_t variable
        uint32_t published
    cdef cppclass ChangeLink:
        uint32_t variable
        cbool of_source
        vector[int32_t] state
    cdef cppclass NeuronLinks:
        vector[SourceLink] sources
        vector[ChangeLink] changes
    cdef cppclass Pending:
        vector[int64_t] event
        vector[int64_t] emitted
        vector[uint32_t] number
        vector[uint32_t] repeat
        vector[int32_t] delay
    cdef cppclass CPlasticStore "pa::PlasticStore":
        size_t size(unsigned)
        const uint32_t *number(unsigned)
        const vector[uint64_t]& row_first(unsigned)
        size_t bytes()
        void attach(unsigned, const PlasticState&, const vector[const void*]&, uint32_t) except +
        void catch_up(unsigned, int64_t) nogil
        void settle(uint64_t, uint64_t, int64_t) except +
        void observe(unsigned, const uint64_t*, size_t, uint32_t, int64_t, double*) nogil
        void export_pending(int64_t, Pending*) except +
        void import_pending(const Pending&, int64_t) except +
        void set_switches(const PlasticSwitches&)
        void set_links(NeuronLinks)
        void set_outlets(const vector[uint32_t]&, uint32_t, const Partition&) except +
        cbool may_echo()
        void begin_echoes(size_t, const vector[double]&, int64_t) except +
        void part_targets(unsigned, int64_t, const PlasticState&) except +


cdef extern from "synapse_recorder.h" namespace "pa":
    cdef cppclass CSynapseRecorder "pa::SynapseRecorder":
        CSynapseRecorder(uint32_t, size_t, int64_t)
        void clear()
        void add(size_t, unsigned, vector[uint64_t], vector[uint32_t]) except +
        void begin(double *, int64_t, int64_t)


cdef extern from "reduction.h" namespace "pa":
    cdef enum class Operation:
        pass


cdef extern from "published.h" namespace "pa":
    cdef cppclass PublishedVariable:
        vector[int32_t] state
        vector[void*] slot
    cdef cppclass ReductionSpec:
        Operation operation
        uint32_t variable
        vector[uint32_t] neurons
    cdef cppclass CPublished "pa::Published":
        CPublished()
        CPublished(vector[PublishedVariable], vector[ReductionSpec], unsigned, size_t) except +


cdef extern from "rows.h" namespace "pa":
    cdef cppclass RowsStore:
        const pa_rows_kernel *kernel
        size_t block
        uint32_t input
        vector[uint32_t] pre
        vector[uint32_t] post
        vector[uint32_t] globals "globals"
        vector[vector[void*]] variable
        vector[const void*] constant
        vector[uint32_t] constant_locality
        pa_rows rows
        cbool transmits, learns, frozen, leads
        int64_t learn_period, learn_offset
    cdef cppclass ReducedInput:
        size_t block
        uint32_t input, reduction, first, end
    cdef cppclass CRowsRecorder "pa::RowsRecorder":
        CRowsRecorder(uint32_t, size_t, int64_t)
        void clear()
        void add(size_t, unsigned, vector[uint64_t], vector[uint32_t]) except +
        void begin(double *, int64_t, int64_t)


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


cdef extern from "phases.h" namespace "pa":
    cdef cppclass PhaseTimes:
        double seconds[4]
        uint64_t updates, events


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
    cdef cppclass CSynapses "pa::Synapses":
        void load_train(size_t, uint32_t, uint32_t, const int64_t *, size_t) except +
        void load_modulator(uint32_t, uint32_t, const int64_t *, size_t) except +

    cdef cppclass CEngine "pa::Engine":
        CSynapses *synapses()
        CEngine(double, uint64_t, unsigned, size_t, size_t) except +
        cbool lay_out(vector[BlockSpec], uint32_t, uint32_t, uint32_t, uint32_t, unsigned) except +
        uint32_t add_modulator(const vector[uint32_t]&) except +
        shared_ptr[CPlasticStore] make_plastic_store(const pa_synapse_kernel *, size_t, cbool, uint32_t, uint32_t,
                                                     const vector[PlasticArrays]&) except + nogil
        void set_plastic_stores(vector[shared_ptr[CPlasticStore]], uint64_t) except +
        void set_synapse_recorders(vector[shared_ptr[CSynapseRecorder]]) except +
        void set_stores(vector[shared_ptr[CStore]]) except +
        void set_delivery(Delivery)
        cbool pulls()
        void set_injections(const vector[Injection]&) except +
        void set_coupling(const GapJunctions&) except +
        void set_rows(CPublished, vector[RowsStore], vector[ReducedInput]) except +
        void set_rows_recorders(vector[shared_ptr[CRowsRecorder]]) except +
        const vector[size_t]& rows_begin(size_t) except +
        void set_signals(vector[shared_ptr[SignalRecorder]]) except +
        void set_spike_logs(vector[RouterEntry]) except +
        const Partition& partition() nogil
        vector[uint32_t] lane_bits()
        size_t acc_bytes() nogil
        void set_disabled(const vector[vector[uint32_t]]&) except +
        void clear_input(size_t, uint32_t, uint32_t)
        int64_t run(int64_t, Poll) except + nogil
        void measure(cbool) except +
        const vector[PhaseTimes]& phases()
        void reset() except +
        int64_t step()


cdef extern from "buffer.h" namespace "pa":
    void c_trim_heap "pa::trim_heap"() nogil
