"""The Vogels-Abbott networks of Brette et al. 2007 (benchmarks 1 and 2), in PyNN for any backend and in Brian 2.

4,000 cells, 2 % connectivity, steps of 0.1 ms, one delay of 0.2 ms. A tenth of the cells is driven for 50 ms,
after which the activity sustains itself. With PyNN all backends get the same seed and so the same connections.
"""

from __future__ import annotations

import importlib
import tempfile
from dataclasses import dataclass
from functools import partial
from time import perf_counter

import command
from command import Figures, Job, Phases

N, N_EXC, P_CONNECT, DT_MS, DELAY_MS, KICK_MS, KICK_HZ = 4000, 3200, 0.02, 0.1, 0.2, 50.0, 300.0
CELL = {
    "cm": 0.2,
    "tau_m": 20.0,
    "v_reset": -60.0,
    "v_thresh": -50.0,
    "tau_refrac": 5.0,
    "tau_syn_E": 5.0,
    "tau_syn_I": 10.0,
}


@dataclass(frozen=True)
class Variant:
    """One of the two networks: its cell type, parameters of its own, and weights in uS or nA."""

    celltype: str
    parameters: dict[str, float]
    excitatory: float
    inhibitory: float
    kick: float


COBA = Variant("IF_cond_exp", {"v_rest": -60.0, "e_rev_E": 0.0, "e_rev_I": -80.0}, 0.006, 0.067, 0.1)
CUBA = Variant("IF_curr_exp", {"v_rest": -49.0}, 0.0162, -0.09, 1.0)


def in_pynn(variant: Variant, job: Job) -> Figures:
    """Build and run the network with a PyNN backend; return its activity and times in seconds."""
    start = perf_counter()
    sim = importlib.import_module(f"pyNN.{job.backend}")
    from pyNN.random import NumpyRNG, RandomDistribution

    imported = perf_counter()
    sim.setup(
        timestep=DT_MS, min_delay=DELAY_MS, max_delay=DELAY_MS, **({"threads": job.threads} if job.threads > 1 else {})
    )
    rng = NumpyRNG(seed=86524)
    n, n_exc = round(N * job.scale), round(N_EXC * job.scale)
    cells = sim.Population(n, getattr(sim, variant.celltype)(**CELL, **variant.parameters))
    cells.initialize(v=RandomDistribution("uniform", low=-60.0, high=-50.0, rng=rng))
    exc, inh = cells[:n_exc], cells[n_exc:]
    connector = sim.FixedProbabilityConnector(P_CONNECT / job.scale, rng=rng)
    projections = [
        sim.Projection(
            source, cells, connector, sim.StaticSynapse(weight=weight, delay=DELAY_MS), receptor_type=receptor
        )
        for source, weight, receptor in (
            (exc, variant.excitatory, "excitatory"),
            (inh, variant.inhibitory, "inhibitory"),
        )
    ]
    kick = sim.Population(n // 10, sim.SpikeSourcePoisson(rate=KICK_HZ, duration=KICK_MS))
    synapse = sim.StaticSynapse(weight=variant.kick, delay=DELAY_MS)
    sim.Projection(kick, cells[: n // 10], sim.OneToOneConnector(), synapse, receptor_type="excitatory")
    cells.record("spikes")
    synapses = sum(len(projection) for projection in projections)
    built = perf_counter()
    phases = Phases(sim)
    sim.run(job.duration_ms)
    ran = perf_counter()
    rate = 1000.0 * cells.mean_spike_count() / job.duration_ms
    read = perf_counter()
    others = phases.figures()
    sim.end()
    times = {"import_s": imported - start, "build_s": built - imported, "run_s": ran - built, "read_s": read - ran}
    return {"rate_Hz": rate, "synapses": synapses, **others, **times}


_MEMBRANE = {
    "COBA": "dv/dt = (v_rest - v)/tau_m + (ge*(0*mV - v) + gi*(-80*mV - v))/c_m : volt (unless refractory)",
    "CUBA": "dv/dt = (v_rest - v)/tau_m + (ge + gi)/c_m : volt (unless refractory)",
}


def in_brian2(name: str, variant: Variant, job: Job) -> Figures:
    """Build and run the network as a Brian 2 standalone C++ program; compilation counts as building."""
    start = perf_counter()
    import brian2 as b2
    from brian2 import Hz, ms, mV, nA, nF, uS

    imported = perf_counter()
    n, n_exc = round(N * job.scale), round(N_EXC * job.scale)
    unit, unit_name = (uS, "siemens") if name == "COBA" else (nA, "amp")
    with tempfile.TemporaryDirectory() as folder:
        b2.set_device("cpp_standalone", directory=folder, build_on_run=False)
        b2.prefs.devices.cpp_standalone.openmp_threads = job.threads if job.threads > 1 else 0  # 0: without OpenMP
        b2.defaultclock.dt = DT_MS * ms
        b2.seed(86524)
        constants = {"v_rest": variant.parameters["v_rest"] * mV, "tau_m": 20 * ms, "c_m": 0.2 * nF}
        synaptic = f"\ndge/dt = -ge/(5*ms) : {unit_name}\ndgi/dt = -gi/(10*ms) : {unit_name}"
        cells = b2.NeuronGroup(
            n, _MEMBRANE[name] + synaptic, threshold="v >= -50*mV", reset="v = -60*mV", refractory=5 * ms,
            method="exponential_euler", namespace=constants,
        )  # fmt: skip
        cells.v = "-60*mV + 10*mV*rand()"
        kick = b2.PoissonGroup(n // 10, rates=f"{KICK_HZ}*Hz*int(t < {KICK_MS}*ms)")
        weights = (("ge", variant.excitatory), ("gi", variant.inhibitory))
        halves = (cells[:n_exc], cells[n_exc:])
        synapses = []
        for source, (target, weight) in zip(halves, weights, strict=True):
            on_pre = f"{target} += weight"
            made = b2.Synapses(source, cells, on_pre=on_pre, delay=DELAY_MS * ms, namespace={"weight": weight * unit})
            made.connect(p=P_CONNECT / job.scale)
            synapses.append(made)
        driven = cells[: n // 10]
        drive = b2.Synapses(
            kick, driven, on_pre="ge += kick", delay=DELAY_MS * ms, namespace={"kick": variant.kick * unit}
        )
        drive.connect(j="i")
        monitor = b2.SpikeMonitor(cells)
        net = b2.Network(cells, kick, drive, monitor, *synapses)
        net.run(job.duration_ms * ms)
        b2.device.build(directory=folder, compile=True, run=False, with_output=False)
        compiled = perf_counter()
        b2.device.run(directory=folder, with_output=False)
        whole_run = perf_counter() - compiled
        loop = float(b2.device._last_run_time)
        rate = monitor.num_spikes / n / (job.duration_ms / 1000.0)
        count = sum(len(made) for made in synapses)
    assert Hz  # its unit is used in the text of the rates
    times = {
        "import_s": imported - start,
        "build_s": compiled - imported + whole_run - loop,
        "run_s": loop,
        "read_s": 0.0,
    }
    return {"rate_Hz": rate, "synapses": count, **times}


def main(name: str) -> None:
    """Run one variant as the command line says and print its figures as one line of JSON."""
    variant = {"COBA": COBA, "CUBA": CUBA}[name]
    command.main(str(__doc__), partial(in_pynn, variant), {"brian2": partial(in_brian2, name, variant)})
