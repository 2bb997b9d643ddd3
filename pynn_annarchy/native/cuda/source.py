"""The text of a network's device program: the engine's headers and the models, with nothing left to include."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..build import PRECISIONS, include_directory
from ..cxx import member
from ..kernels import Kernel, SynapseKernel
from ..model import NeuronModel, SynapseModel
from ..spec import NeuronText, SynapseText

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">][^\n]*\n', re.MULTILINE)
_ONCE = re.compile(r"^#pragma once\n", re.MULTILINE)
FUNCTION, NEXT = "pa_run", "pa_next"


def flattened(text: str, folder: Path | None = None) -> str:
    """Return a text with every header of ours in the place where it is first included, and no others."""
    root, seen = folder or include_directory(), set[str]()

    def expand(text: str) -> str:
        return _INCLUDE.sub(lambda found: insert(found[1], found[2]), _ONCE.sub("", text))

    def insert(quote: str, name: str) -> str:
        if quote == "<" or name in seen:
            return ""
        seen.add(name)
        if name == "cuda/standard.cuh":  # the one place where headers of the C++ library are included
            return (root / name).read_text(encoding="utf-8").replace("#pragma once\n", "")
        return expand((root / name).read_text(encoding="utf-8"))

    return expand(text)


def device_source(kernels: Sequence[Kernel], precision: str, synapses: Sequence[SynapseKernel] = ()) -> str:
    """Return the program of a network whose blocks, and stores of synapses with state, have these models.

    Its functions are ``pa_run(network, first_step, end_step, only)`` and ``pa_next(network)``, of the structs in
    csrc/cuda/device_network.cuh: see device_step.cuh.
    """
    real, acc = PRECISIONS[precision]
    headers = ["cuda/standard.cuh", "cuda/grid.cuh", "number_types.h", "neuron_model.h"]
    structs, calls, visits = [], [], []
    for index, kernel in enumerate(kernels):
        needed, struct, name = _model(kernel)
        headers += needed
        structs.append(f"namespace model_{index} {{\nusing namespace pa;\n{struct}using Model = {name};\n}}\n")
        call = f"pa::cuda::update_block<model_{index}::Model>(net, net.block[{index}], me, step);"
        calls.append(f"    {call}\n")
    for index, synapse in enumerate(synapses):
        needed, struct, name = _model(synapse)
        headers += needed
        structs.append(f"namespace synapse_{index} {{\nusing namespace pa;\n{struct}using Model = {name};\n}}\n")
        visits.append(f"    if (model == {index}) visit(pa::cuda::Kind<synapse_{index}::Model>());\n")
    includes = "".join(f'#include "{name}"\n' for name in dict.fromkeys([*headers, "cuda/device_step.cuh"]))
    return flattened(
        "#define PA_ON_DEVICE 1\n#undef PA_REAL\n#undef PA_ACC\n"
        f"#define PA_REAL {real}\n#define PA_ACC {acc}\n{includes}\n"
        + "\n".join(structs)
        + _MAIN.format(calls="".join(calls), visits="".join(visits))
    )


_MAIN = """
struct Models {{
  static void update(const pa::cuda::Network& net, const pa::cuda::Thread& me, int64_t step) {{
    (void)net, (void)me, (void)step;
{calls}  }}
  template <class Visit>
  static void synapse(uint64_t model, const Visit& visit) {{
    (void)model, (void)visit;
{visits}  }}
}};

extern "C" PA_GLOBAL void pa_run(const pa::cuda::Network* network, int64_t first_step, int64_t end_step,
                                 uint64_t only) {{
  const pa::cuda::Network net = *network;
  pa::cuda::run_steps<Models>(net, first_step, end_step, only);
}}

extern "C" PA_GLOBAL void pa_next(const pa::cuda::Network* network) {{ pa::cuda::next_step(*network); }}
"""


def _model(kernel: Kernel | SynapseKernel) -> tuple[list[str], str, str]:
    """Return the headers that a model needs, its struct (empty if it is in them), and the struct's name."""
    from .. import compile
    from ..print_neuron import print_neuron
    from ..print_synapse import print_synapse

    if isinstance(kernel, Kernel) and kernel.source:
        spelled = re.sub(r"(?<!^)(?=[A-Z])", "_", kernel.name).lower()
        return [f"sources/{spelled}.h"], "", f"pa::{kernel.name}"
    program = compile.without_defaults(compile.program(_equations(kernel)))
    model = program.model
    if isinstance(model, NeuronModel):
        struct = print_neuron(program, model)
    else:
        assert isinstance(model, SynapseModel)
        struct = print_synapse(program, model)
    return list(program.headers), struct, member(program.name)


def _equations(kernel: Kernel | SynapseKernel) -> NeuronText | SynapseText:
    """Return the equations of a model: its own, or those that the package was built with."""
    if kernel.text is not None:
        return kernel.text
    from ...standardmodels.equations import STANDARD_CELLS
    from ...standardmodels.synapse_equations import STANDARD_SYNAPSES

    for text in STANDARD_CELLS if isinstance(kernel, Kernel) else STANDARD_SYNAPSES:
        if text.name == kernel.name:
            return text
    raise ValueError(f"the equations of {kernel.name} are not known, so there is no device code for it: use the CPU")
