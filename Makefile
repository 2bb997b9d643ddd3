# make demo | test | test-fast | test-device | test-gpu | lint | asan | tsan | bench | clean
# Each makes what it needs: a virtual environment in .venv with a wheel of this checkout installed. PYTHON chooses the
# interpreter. Nothing is rebuilt unless a source changed.
PYTHON ?= python3
BIN := .venv/bin
BUILD_TOOLS := $(shell sed -n 's/^requires = \[\(.*\)\]$$/\1/p' pyproject.toml | tr -d ',')
SOURCES := pyproject.toml setup.py pynn_annarchy_finder.pth pynn_annarchy_finder.py README.md LICENSE \
  $(shell find csrc pynn_annarchy -name '*.h' -o -name '*.cpp' -o -name '*.py' -o -name '*.pyi' -o -name '*.pyx' -o -name '*.pxd' -o -name '*.cuh')
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
CXX ?= g++
export MPLBACKEND := Agg

.PHONY: build demo test test-fast lint asan tsan sanitizers bench clean system
build: .venv/installed

system:
	@tools/check_system.sh $(PYTHON)

.venv/tools: pyproject.toml | system
	$(PYTHON) -m venv .venv
	$(PIP) install $(BUILD_TOOLS)
	@touch $@

# build/lib keeps modules that are gone from the source, so its Python files are made anew; compiled ones are kept.
.venv/installed: $(SOURCES) .venv/tools
	@rm -rf build/wheel; find build -path 'build/lib*' -name '*.py' -delete 2>/dev/null || true
	$(PIP) wheel --no-deps --no-build-isolation --wheel-dir build/wheel .
	$(PIP) install --force-reinstall --no-deps build/wheel/*.whl
	$(PIP) install "$$(echo build/wheel/*.whl)[plot]"
	@touch $@

.venv/tested: .venv/installed
	$(PIP) install "$$(echo build/wheel/*.whl)[test]"
	@touch $@

demo: .venv/installed
	$(BIN)/python tools/demo.py COBA

test: lint pytest sanitizers

.PHONY: pytest
pytest: .venv/tested
	PYNN_ANNARCHY_WHEEL=$$(echo build/wheel/*.whl) $(BIN)/pytest
	$(BIN)/pytest -q --device cuda-emulated $(SOME_ON_A_DEVICE)

test-fast: .venv/tested
	$(BIN)/pytest -m "not packaging and not slow" -x

# The suites that set a simulation up as a user does, on another device.
ON_A_DEVICE := tests/pynn_compliance tests/parity tests/features tests/engine tests/statistics \
  -m "not packaging and not slow"
SOME_ON_A_DEVICE := -m "not packaging and not slow" $(patsubst %,tests/pynn_compliance/test_%.py,recording electrodes \
  plasticity_reference recorded_weights common_defects stdp_types populations) \
  $(patsubst %,tests/features/test_%.py,rates pr hy sn_synapse_neurons) \
  $(patsubst %,tests/engine/test_%.py,continuous recording interrupt delivery determinism)
DEVICE ?= cuda-emulated

.PHONY: test-device test-gpu
test-device: .venv/tested
	$(BIN)/pytest --device $(DEVICE) $(ON_A_DEVICE)

# Everything on a GPU, and its code under compute-sanitizer where CUDA's toolkit is installed.
GPU ?= cuda
SANITIZED_ON_GPU := tests/cuda/test_engine.py tests/cuda/test_setup.py -q -x --device $(GPU)
test-gpu: .venv/tested
	$(PIP) install "$$(echo build/wheel/*.whl)[cuda]"
	@summary=""; for part in "tests/cuda" '$(ON_A_DEVICE)'; do \
	  eval $(BIN)/pytest --device $(GPU) $$part | tee build/test-gpu.log; \
	  summary="$$summary $$part: $$(tail -n 1 build/test-gpu.log);"; done; \
	if command -v compute-sanitizer > /dev/null; then for tool in memcheck racecheck; do \
	  compute-sanitizer --tool $$tool --error-exitcode 9 $(BIN)/python -m pytest $(SANITIZED_ON_GPU); \
	  summary="$$summary $$tool: exit status $$?;"; done; \
	else summary="$$summary compute-sanitizer is not installed"; fi; echo "GPU:$$summary"; \
	case "$$summary" in *failed*|*error*|*"status 9"*|*"status 1"*) exit 1;; esac

lint: .venv/tested
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/clang-format --dry-run -Werror $$(find csrc -name '*.h' -o -name '*.cpp')

# Sanitizers: the engine's tests against a package built for each in its own folder, which PYTHONPATH puts first. Left out:
# the tests of accuracy, which integrate for long and touch no memory that the others do not. Reports go to stderr uncaptured.
# ThreadSanitizer needs the usual memory layout, which setarch -R provides where addresses are strongly randomised.
ENGINE_TESTS := tests/engine --ignore-glob='*/test_accuracy*.py' -p no:cacheprovider -q --capture=no
SANITIZED = OPENBLAS_NUM_THREADS=1 PYTHONMALLOC=malloc PYTHONPATH=build/$@/lib
FIXED_LAYOUT := $(shell setarch -R true 2>/dev/null && echo setarch -R)
RUNTIME = $$($(CXX) -print-file-name=lib$(1).so)
HAS = echo 'int main(){}' | $(CXX) -x c++ -fsanitize=$(1) -o /dev/null - 2>/dev/null

build/asan/built: $(SOURCES) | .venv/tested
	PYNN_ANNARCHY_SANITIZE=address,undefined $(BIN)/python setup.py -q build -b build/asan --build-lib build/asan/lib
	@touch $@

build/tsan/built: $(SOURCES) | .venv/tested
	PYNN_ANNARCHY_SANITIZE=thread $(BIN)/python setup.py -q build -b build/tsan --build-lib build/tsan/lib
	@touch $@

asan: build/asan/built
	$(SANITIZED) ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1 \
	  PYNN_ANNARCHY_TEST_CXXFLAGS="-fsanitize=address,undefined -fno-sanitize-recover=all -g1 -O1" \
	  LD_PRELOAD="$(call RUNTIME,asan) $(call RUNTIME,stdc++)" $(BIN)/pytest $(ENGINE_TESTS)

tsan: build/tsan/built
	$(SANITIZED) TSAN_OPTIONS=halt_on_error=1 PYNN_ANNARCHY_TEST_CXXFLAGS="-fsanitize=thread -g1 -O1" \
	  LD_PRELOAD="$(call RUNTIME,tsan)" $(FIXED_LAYOUT) $(BIN)/pytest $(ENGINE_TESTS) -m threaded

sanitizers: .venv/tested
	@if $(call HAS,address); then $(MAKE) asan; else echo "SKIPPED: $(CXX) has no AddressSanitizer (libasan)"; fi
	@if $(call HAS,thread); then $(MAKE) tsan; else echo "SKIPPED: $(CXX) has no ThreadSanitizer (libtsan)"; fi

bench: .venv/installed
	$(BIN)/python benchmarks/run.py

clean:
	rm -rf .venv build dist Results *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find pynn_annarchy -name '*.so' -delete
