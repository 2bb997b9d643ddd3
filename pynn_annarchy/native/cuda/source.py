"""The text of a network's device program: the engine's headers and the models, with nothing left to include."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from ..build import PRECISIONS, include_directory
from ..cxx import member
from ..kernels import Kernel, RowsKernel, SynapseKernel
from ..model import NeuronModel, RowsModel, SynapseModel
from ..spec import CxxText, NeuronText, SynapseText

AnyKernel = Kernel | SynapseKernel | RowsKernel

_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*(["<])([^">]+)[">][^\n]*\n', re.MULTILINE)
_ONCE = re.compile(r"^#pragma once\n", re.MULTILINE)
FUNCTION, NEXT, BEGIN = "pa_run", "pa_next", "pa_begin"


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


def device_source(
    kernels: Sequence[Kernel],
    precision: str,
    synapses: Sequence[SynapseKernel] = (),
    rows: Sequence[RowsKernel] = (),
    *,
    coupled: bool = False,
    continuous: bool = False,
) -> str:
    """Return the program of a network whose blocks, synapses with state and continuous synapses have these models.

    ``coupled``: it has gap junctions; ``continuous``: neurons show themselves to others in every step, as they do where
    there are continuous synapses. There is code for nothing else.

    Its functions are ``pa_begin(network, first_step, only)``, ``pa_run(network, first_step, end_step, only)`` and
    ``pa_next(network)``, of the structs in csrc/cuda/device_network.cuh: see device_step.cuh.
    """
    real, acc = PRECISIONS[precision]
    headers = ["cuda/standard.cuh", "cuda/grid.cuh", "number_types.h", "neuron_model.h"]
    structs, calls = [], []

    def written(kernel: AnyKernel, space: str) -> str:
        needed, struct, name = _model(kernel)
        headers.extend(needed)
        structs.append(f"namespace {space} {{\nusing namespace pa;\n{struct}using Model = {name};\n}}\n")
        return f"{space}::Model"

    for index, kernel in enumerate(kernels):
        model = written(kernel, f"model_{index}")
        calls.append(f"    pa::cuda::update_block<{model}>(net, net.block[{index}], me, step);\n")
    of_synapses = [written(synapse, f"synapse_{index}") for index, synapse in enumerate(synapses)]
    of_rows = [written(kernel, f"rows_{index}") for index, kernel in enumerate(rows)]
    learning = "".join(
        f"  static constexpr bool {what} = {' || '.join(['false', *(f'{model}::{what}' for model in of_rows)])};\n"
        for what in ("learns", "learns_row", "learns_shared")
    )
    includes = "".join(f'#include "{name}"\n' for name in dict.fromkeys([*headers, "cuda/device_step.cuh"]))
    return flattened(
        "#define PA_ON_DEVICE 1\n#undef PA_REAL\n#undef PA_ACC\n"
        f"#define PA_PARTS {bool(synapses) | coupled << 1 | (continuous or bool(rows)) << 2}\n"
        f"#define PA_REAL {real}\n#define PA_ACC {acc}\n{includes}\n"
        + "\n".join(structs)
        + _MAIN.format(calls="".join(calls), synapses=_visits(of_synapses), rows=_visits(of_rows), learning=learning)
    )


def _visits(models: Sequence[str]) -> str:
    return "".join(f"    if (model == {index}) visit(pa::cuda::Kind<{name}>());\n" for index, name in enumerate(models))


_MAIN = """
struct Models {{
  static void update(const pa::cuda::Network& net, const pa::cuda::Thread& me, int64_t step) {{
    (void)net, (void)me, (void)step;
{calls}  }}
  template <class Visit>
  static void synapse(uint64_t model, const Visit& visit) {{
    (void)model, (void)visit;
{synapses}  }}
  template <class Visit>
  static void rows(uint64_t model, const Visit& visit) {{
    (void)model, (void)visit;
{rows}  }}
{learning}}};

extern "C" PA_GLOBAL void pa_begin(const pa::cuda::Network* network, int64_t first_step, uint64_t only) {{
  pa::cuda::begin_run(*network, first_step, only);
}}

extern "C" PA_GLOBAL void PA_RESIDENT pa_run(const pa::cuda::Network* network, int64_t first_step, int64_t end_step,
                                 uint64_t only) {{
  const pa::cuda::Network net = *network;
  pa::cuda::run_steps<Models>(net, first_step, end_step, only);
}}

extern "C" PA_GLOBAL void pa_next(const pa::cuda::Network* network) {{ pa::cuda::next_step(*network); }}
"""


def _model(kernel: AnyKernel) -> tuple[list[str], str, str]:
    """Return the headers that a model needs, its struct (empty if it is in them), and the struct's name."""
    if isinstance(kernel.text, CxxText):
        return list(kernel.text.headers), kernel.text.text, kernel.text.name
    from .. import compile
    from ..print_neuron import print_neuron
    from ..print_rows import print_rows
    from ..print_synapse import print_synapse

    if isinstance(kernel, Kernel) and kernel.source:
        spelled = re.sub(r"(?<!^)(?=[A-Z])", "_", kernel.name).lower()
        return [f"sources/{spelled}.h"], "", f"pa::{kernel.name}"
    program = compile.without_defaults(compile.program(_equations(kernel)))
    model = program.model
    if isinstance(model, NeuronModel):
        struct = print_neuron(program, model)
    elif isinstance(model, RowsModel):
        struct = print_rows(program, model)
    else:
        assert isinstance(model, SynapseModel)
        struct = print_synapse(program, model)
    return list(program.headers), struct, member(program.name)


def _equations(kernel: AnyKernel) -> NeuronText | SynapseText:
    """Return the equations of a model: its own, or those that the package was built with."""
    if isinstance(kernel.text, NeuronText | SynapseText):
        return kernel.text
    from ...standardmodels.equations import STANDARD_CELLS
    from ...standardmodels.synapse_equations import STANDARD_SYNAPSES

    for text in STANDARD_CELLS if isinstance(kernel, Kernel) else STANDARD_SYNAPSES:
        if text.name == kernel.name:
            return text
    raise ValueError(f"the equations of {kernel.name} are not known, so there is no device code for it: use the CPU")
