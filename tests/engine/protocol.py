"""The stimuli of the accuracy tests and of the comparison with other backends: a few mV each, and a strong step."""

ONSET = 10.0  # ms, of the current steps
EXCITATORY, INHIBITORY = (20.0, 24.0, 24.4, 36.0), (28.0, 40.0)  # ms, arrival of the spikes
DURATION = 60.0  # ms

# cell: weak step, strong step in nA; excitatory, inhibitory weight in uS, nA or mV
INPUT: dict[str, tuple[float, float, float, float]] = {
    "IF_curr_alpha": (0.5, 1.0, 2.0, -1.0),
    "IF_curr_exp": (0.5, 1.0, 1.0, -0.5),
    "IF_curr_delta": (0.5, 1.0, 2.0, -1.0),
    "IF_cond_alpha": (0.5, 1.0, 0.05, 0.05),
    "IF_cond_exp": (0.5, 1.0, 0.01, 0.01),
    "IF_cond_exp_gsfa_grr": (0.5, 1.5, 0.01, 0.01),
    "IF_facets_hardware1": (0.3, 0.6, 0.0004, 0.001),
    "HH_cond_exp": (0.02, 0.5, 0.01, 0.01),
    "EIF_cond_alpha_isfa_ista": (0.3, 1.0, 0.004, 0.004),
    "EIF_cond_exp_isfa_ista": (0.3, 1.0, 0.01, 0.01),
    "Izhikevich": (0.002, 0.01, 1.0, -1.0),
    "GIF_cond_exp": (0.5, 0.8, 0.01, 0.01),
}
# A cell whose v passes tens of mV within a step is in the course of a spike above this level, or while v changes by
# more than 20 mV/ms; there an error of v is a shift in time of less than 1e-6 ms, and says little of the scheme.
UPSTROKE_MV = {"HH_cond_exp": -40.0, "Izhikevich": -40.0}
STEEP_MV_PER_MS = 20.0
