"""Build the engine and the ahead-of-time models; everything that is not code to compile is in pyproject.toml.

The pipeline that also serves users' models at run time prints the standard cells and synapses as C++, which is compiled
for each instruction set and precision. PYNN_ANNARCHY_SANITIZE (thread, or address,undefined) builds for a sanitizer.
"""

import importlib
import os
import sys
import types
from collections.abc import Sequence
from pathlib import Path
from sysconfig import get_platform

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
for name in ("pynn_annarchy", "pynn_annarchy.native", "pynn_annarchy.standardmodels"):
    # The package itself cannot be imported before its engine is built: these stand for its __init__ files.
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__path__ = [str(ROOT.joinpath(*name.split(".")))]
models = importlib.import_module("pynn_annarchy.native.build")

SANITIZE = os.environ.get("PYNN_ANNARCHY_SANITIZE", "")
CHECKED = [f"-fsanitize={SANITIZE}", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g1", "-O1"]
MACOS = ["-mmacosx-version-min=10.14"] if sys.platform == "darwin" else []  # the first with aligned operator new
COMPILE = [*models.FLAGS, "-g0", "-pthread", *MACOS, *(CHECKED if SANITIZE else [])]
LINK = ["-pthread", *MACOS, *(CHECKED[:1] if SANITIZE else [])]
HAS_AVX2 = get_platform().endswith("x86_64") and not SANITIZE  # "universal2" is two architectures: baseline
ISAS = {"baseline": []} | ({"avx2": ["-mavx2", "-mfma"]} if HAS_AVX2 else {})
GENERATED = ["-Wno-unused-variable"]  # printed code names every variable of an equation
SOURCES = tuple(f"SpikeSource{kind}" for kind in ("Poisson", "PoissonRefractory", "Gamma", "InhGamma", "Array"))
DECLARED = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("pynn_annarchy/native/*.pxd"))
HEADERS = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("csrc/**/*.h"))
DEVICE = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("csrc/**/*.cuh"))
ENGINE = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("csrc/*.cpp"))
CONNECT = sorted(str(path.relative_to(ROOT)) for path in ROOT.glob("csrc/connect/*.cpp"))
AS_NUMPY = ["-ffp-contract=off"]  # its numbers are to come out to the last bit


FLAGGED = ["setup.py", "pynn_annarchy/native/build.py"]  # where flags are chosen


def extension(name: str, sources: list[str], flags: Sequence[str] = ()) -> Extension:
    return Extension(
        f"pynn_annarchy.native.{name}",
        sources,
        depends=[*FLAGGED, *DECLARED, *HEADERS],
        include_dirs=["csrc"],
        language="c++",
        extra_compile_args=[*COMPILE, *flags],
        extra_link_args=LINK,
    )


class BuildExt(build_ext):
    """Compiles modules side by side, after the C++ of the models was written to the build folder."""

    def finalize_options(self) -> None:
        super().finalize_options()
        self.cython_c_in_temp = True
        self.parallel = self.parallel or os.cpu_count()
        if self.editable_mode:  # else a folder that vanishes, and everything would be compiled again next time
            self.build_temp = f"build/temp.{self.plat_name}-{sys.implementation.cache_tag}"

    def build_extensions(self) -> None:
        source = importlib.import_module("pynn_annarchy.native.compile").module_source
        cells = importlib.import_module("pynn_annarchy.standardmodels.equations").STANDARD_CELLS
        synapses = importlib.import_module("pynn_annarchy.standardmodels.synapse_equations").STANDARD_SYNAPSES
        texts = {"models": source(cells, [*SOURCES, "TimedArray"]), "synapses": source(synapses)}
        Path(self.build_temp).mkdir(parents=True, exist_ok=True)
        for built in self.extensions[2:]:
            module = built.name.rpartition(".")[2]
            text = texts[module.split("_")[1]].replace("MODULE_NAME", module)
            path = Path(self.build_temp, f"{module}.cpp")
            built.sources, built.depends = [str(path)], [*FLAGGED, *(f"csrc/{h}" for h in models.included(text))]
            if not path.exists() or path.read_text() != text:  # an unchanged file is not compiled again
                path.write_text(text)
        super().build_extensions()


class BuildPy(build_py):
    """Adds what lies outside the package: the import hook, and the headers that users' models are compiled with."""

    def run(self) -> None:
        super().run()
        # An editable install is assembled in install_lib, and finds the headers in the checkout.
        top = self.get_finalized_command("install").install_lib if self.editable_mode else self.build_lib
        self.copy_file("pynn_annarchy_finder.pth", str(Path(top, "pynn_annarchy_finder.pth")))
        for header in () if self.editable_mode else [*HEADERS, *DEVICE]:
            Path(top, "pynn_annarchy", header).parent.mkdir(parents=True, exist_ok=True)
            self.copy_file(header, str(Path(top, "pynn_annarchy", header)))


setup(
    cmdclass={"build_ext": BuildExt, "build_py": BuildPy},
    ext_modules=[
        extension("core", ["pynn_annarchy/native/core.pyx", *ENGINE]),
        extension("connect", ["pynn_annarchy/native/connect.pyx", *CONNECT], AS_NUMPY),
    ]
    + [
        extension(f"_{kind}_{isa}_{precision}", ["build/models.cpp"], [*flags, *models.defines(precision), *GENERATED])
        for kind in ("models", "synapses")
        for isa, flags in ISAS.items()
        for precision in models.PRECISIONS
    ],
)
