"""The balanced random network of Brunel 2000, doi 10.1023/A:1008925309027, in PyNN for any backend and in Brian 2.

12,500 current-based cells, each with 1,000 excitatory and 250 inhibitory inputs from the others (10 % of them), steps
of 0.1 ms, one delay of 1.5 ms: 15.6 million connections. In the manner of Morrison et al. 2007, doi
10.1162/neco.2007.19.6.1467, those between excitatory cells, 10 million, can learn (pair-based STDP, additive).
Brunel's external drive, twice the rate that takes a cell to threshold, is split into a constant current and a Poisson
source a cell with its variance, so that sources do not cost more than the network.
"""

from __future__ import annotations

import importlib
import tempfile
from time import perf_counter
from typing import Any

from command import Figures, Job, Phases

N, EXCITATORY, P_CONNECT, DT_MS, DELAY_MS = 12500, 0.8, 0.1, 0.1, 1.5
CM_nF, TAU_M_MS, TAU_SYN_MS, REST_mV, RESET_mV, THRESHOLD_mV, REFRACTORY_MS = 0.25, 20.0, 2.0, -70.0, -60.0, -50.0, 2.0
JUMP_mV, INHIBITION, DRIVE = 0.1, -5.0, 2.0  # of one excitatory spike; relative to it; relative to threshold
WEIGHT_nA = JUMP_mV * CM_nF / TAU_SYN_MS
NOISE_Hz = 1000.0
_ALL_Hz = 1000.0 * DRIVE * (THRESHOLD_mV - REST_mV) / (JUMP_mV * TAU_M_MS)
NOISE_nA = WEIGHT_nA * (_ALL_Hz / NOISE_Hz) ** 0.5
OFFSET_nA = TAU_SYN_MS / 1000.0 * (_ALL_Hz * WEIGHT_nA - NOISE_Hz * NOISE_nA)
RULE = {"tau_plus": 20.0, "tau_minus": 20.0, "A_plus": 0.005, "A_minus": 0.0055}
SEED = 86524


def in_pynn(job: Job, plastic: bool) -> Figures:
    """Build and run the network with a PyNN backend; return its activity and times in seconds."""
    start = perf_counter()
    sim = importlib.import_module(f"pyNN.{job.backend}")
    from pyNN.random import NumpyRNG, RandomDistribution

    imported = perf_counter()
    threads = {"threads": job.threads} if job.threads > 1 else {}
    sim.setup(timestep=DT_MS, min_delay=DELAY_MS, max_delay=DELAY_MS, **threads)
    n = round(N * job.scale)
    weight = WEIGHT_nA / job.scale
    cell = sim.IF_curr_exp(
        cm=CM_nF, tau_m=TAU_M_MS, v_rest=REST_mV, v_reset=RESET_mV, v_thresh=THRESHOLD_mV, tau_refrac=REFRACTORY_MS,
        tau_syn_E=TAU_SYN_MS, tau_syn_I=TAU_SYN_MS, i_offset=OFFSET_nA,
    )  # fmt: skip
    cells = sim.Population(n, cell)
    cells.initialize(v=RandomDistribution("uniform", (REST_mV, THRESHOLD_mV), rng=NumpyRNG(seed=SEED)))
    exc, inh = cells[: round(EXCITATORY * n)], cells[round(EXCITATORY * n) :]
    excite = sim.StaticSynapse(weight=weight, delay=DELAY_MS)
    inhibit = sim.StaticSynapse(weight=INHIBITION * weight, delay=DELAY_MS)
    parts = [(exc, cells, excite, "excitatory"), (inh, cells, inhibit, "inhibitory")]
    if plastic:
        learning = sim.STDPMechanism(
            timing_dependence=sim.SpikePairRule(**RULE),
            weight_dependence=sim.AdditiveWeightDependence(w_min=0.0, w_max=2 * weight),
            weight=weight,
            delay=DELAY_MS,
            dendritic_delay_fraction=1.0,  # the only one that NEST has
        )
        parts[:1] = [(exc, exc, learning, "excitatory"), (exc, inh, excite, "excitatory")]
    projections = [
        # a seed for each: connectors draw from a copy of their generator, and would all draw the same numbers
        sim.Projection(
            a, b, sim.FixedProbabilityConnector(P_CONNECT, rng=NumpyRNG(seed=SEED + k)), synapse, receptor_type=receptor
        )
        for k, (a, b, synapse, receptor) in enumerate(parts)
    ]
    noise = sim.Population(n, sim.SpikeSourcePoisson(rate=NOISE_Hz))
    drive = sim.StaticSynapse(weight=NOISE_nA, delay=DELAY_MS)
    sim.Projection(noise, cells, sim.OneToOneConnector(), drive, receptor_type="excitatory")
    cells.record("spikes")
    synapses = sum(len(projection) for projection in projections)
    built = perf_counter()
    phases = Phases(sim)
    sim.run(job.duration_ms)
    ran = perf_counter()
    rate = 1000.0 * cells.mean_spike_count() / job.duration_ms
    read = perf_counter()
    others = phases.figures()
    if plastic:
        weights = projections[0].get("weight", format="list", with_address=False)
        others["mean_weight"] = sum(weights) / len(weights) / weight
    sim.end()
    times = {"import_s": imported - start, "build_s": built - imported, "run_s": ran - built, "read_s": read - ran}
    return {"rate_Hz": rate, "synapses": synapses, **others, **times}


def in_pynest(job: Job, plastic: bool) -> Figures:
    """Build and run the network with NEST's own commands: through PyNN it would be built for minutes."""
    start = perf_counter()
    import nest

    imported = perf_counter()
    nest.set_verbosity("M_ERROR")
    nest.ResetKernel()
    nest.SetKernelStatus({"resolution": DT_MS, "local_num_threads": job.threads, "rng_seed": SEED})
    n, weight_pA = round(N * job.scale), 1000.0 * WEIGHT_nA / job.scale
    cells = nest.Create(
        "iaf_psc_exp", n,
        {
            "C_m": 1000.0 * CM_nF, "tau_m": TAU_M_MS, "E_L": REST_mV, "V_reset": RESET_mV, "V_th": THRESHOLD_mV,
            "V_m": nest.random.uniform(REST_mV, THRESHOLD_mV), "t_ref": REFRACTORY_MS, "tau_syn_ex": TAU_SYN_MS,
            "tau_syn_in": TAU_SYN_MS,
            "I_e": 1000.0 * OFFSET_nA,
        },
    )  # fmt: skip
    exc, inh = cells[: round(EXCITATORY * n)], cells[round(EXCITATORY * n) :]
    rule = {"rule": "pairwise_bernoulli", "p": P_CONNECT}
    excite = {"synapse_model": "static_synapse", "weight": weight_pA, "delay": DELAY_MS}
    learning = {
        "synapse_model": "stdp_synapse", "weight": weight_pA, "delay": DELAY_MS, "Wmax": 2 * weight_pA,
        "lambda": RULE["A_plus"], "alpha": RULE["A_minus"] / RULE["A_plus"], "tau_plus": RULE["tau_plus"],
        "mu_plus": 0.0, "mu_minus": 0.0,
    }  # fmt: skip
    nest.Connect(exc, exc, rule, learning if plastic else excite)
    nest.Connect(exc, inh, rule, excite)
    nest.Connect(inh, cells, rule, {**excite, "weight": INHIBITION * weight_pA})
    noise = nest.Create("poisson_generator", params={"rate": NOISE_Hz})  # another train to each target
    nest.Connect(noise, cells, "all_to_all", {**excite, "weight": 1000.0 * NOISE_nA})
    recorder = nest.Create("spike_recorder")
    nest.Connect(cells, recorder)
    synapses = nest.GetKernelStatus("num_connections") - 2 * n
    nest.Prepare()
    built = perf_counter()
    nest.Run(job.duration_ms)
    ran = perf_counter()
    rate = 1000.0 * recorder.n_events / n / job.duration_ms
    times = {"import_s": imported - start, "build_s": built - imported, "run_s": ran - built, "read_s": 0.0}
    return {"rate_Hz": rate, "synapses": synapses, **times}


def in_brian2(job: Job, plastic: bool) -> Figures:
    """Build and run the network as a Brian 2 standalone C++ program; compilation counts as building."""
    start = perf_counter()
    import brian2 as b2

    imported = perf_counter()
    n, weight = round(N * job.scale), WEIGHT_nA / job.scale
    split = round(EXCITATORY * n)
    with tempfile.TemporaryDirectory() as folder:
        b2.set_device("cpp_standalone", directory=folder, build_on_run=False)
        b2.prefs.devices.cpp_standalone.openmp_threads = job.threads if job.threads > 1 else 0  # 0: without OpenMP
        b2.defaultclock.dt = DT_MS * b2.ms
        b2.seed(SEED)
        cells = _brian2_cells(b2, n)
        exc, inh = cells[:split], cells[split:]
        learning = [_brian2_learning(b2, exc, weight)] if plastic else []
        static = [(exc, inh if plastic else cells, weight), (inh, cells, INHIBITION * weight)]
        synapses = [*learning, *(_brian2_static(b2, *part) for part in static)]
        for made in synapses:
            made.connect(p=P_CONNECT)
        if plastic:
            learning[0].w = weight * b2.nA
        noise = b2.PoissonInput(cells, "isyn", 1, NOISE_Hz * b2.Hz, NOISE_nA * b2.nA)
        monitor = b2.SpikeMonitor(cells)
        net = b2.Network(cells, noise, monitor, *synapses)
        net.run(job.duration_ms * b2.ms)
        b2.device.build(directory=folder, compile=True, run=False, with_output=False)
        compiled = perf_counter()
        b2.device.run(directory=folder, with_output=False)
        whole_run = perf_counter() - compiled
        loop = float(b2.device._last_run_time)
        rate = 1000.0 * monitor.num_spikes / n / job.duration_ms
        learnt = {"mean_weight": float(learning[0].w[:].mean() / b2.nA) / weight} if plastic else {}
        count = sum(len(made) for made in synapses)
    building = compiled - imported + whole_run - loop
    times = {"import_s": imported - start, "build_s": building, "run_s": loop, "read_s": 0.0}
    return {"rate_Hz": rate, "synapses": count, **learnt, **times}


def _brian2_cells(b2: Any, n: int) -> Any:
    cells = b2.NeuronGroup(
        n,
        """dv/dt = (v_rest - v)/tau_m + (isyn + i_offset)/c_m : volt (unless refractory)
        disyn/dt = -isyn/tau_syn : amp""",
        threshold="v >= v_thresh",
        reset="v = v_reset",
        refractory=REFRACTORY_MS * b2.ms,
        method="exact",
        namespace={
            "v_rest": REST_mV * b2.mV, "v_reset": RESET_mV * b2.mV, "v_thresh": THRESHOLD_mV * b2.mV,
            "tau_m": TAU_M_MS * b2.ms, "tau_syn": TAU_SYN_MS * b2.ms, "c_m": CM_nF * b2.nF,
            "i_offset": OFFSET_nA * b2.nA,
        },
    )  # fmt: skip
    cells.v = f"({REST_mV} + {THRESHOLD_mV - REST_mV}*rand())*mV"
    return cells


def _brian2_static(b2: Any, source: Any, target: Any, weight: float) -> Any:
    return b2.Synapses(
        source, target, on_pre="isyn += weight", delay=DELAY_MS * b2.ms, namespace={"weight": weight * b2.nA}
    )


def _brian2_learning(b2: Any, exc: Any, weight: float) -> Any:
    return b2.Synapses(
        exc,
        exc,
        """w : amp
        dx/dt = -x/(20*ms) : 1 (event-driven)
        dy/dt = -y/(20*ms) : 1 (event-driven)""",
        on_pre="x += 1; w = clip(w - a_minus*y, 0*nA, w_max); isyn_post += w",
        on_post="y += 1; w = clip(w + a_plus*x, 0*nA, w_max)",
        delay={"pre": DELAY_MS * b2.ms},
        namespace={
            "w_max": 2 * weight * b2.nA,
            "a_plus": RULE["A_plus"] * 2 * weight * b2.nA,
            "a_minus": RULE["A_minus"] * 2 * weight * b2.nA,
        },
    )
