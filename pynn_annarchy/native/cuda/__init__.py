"""The network on a GPU: the engine's device code, and what runs it.

`device.Device` is all that the engine asks of a GPU: memory, programs compiled from one self-contained C++ text, and
launches of their functions. `emulated` is a device whose programs the C++ compiler compiles, so that the same text runs
and is tested where there is no GPU; a real one goes through the driver. `engine.Engine` has the methods of the CPU's
`core.Engine`.

A program's text includes nothing: `source` writes csrc/ into it. Its functions are ``extern "C" __global__`` and take
64-bit words only. One that is launched with ``cooperative=True`` holds a barrier of the whole grid: all of its blocks
have to be resident at the same time, which `Program.resident_blocks` tells. `nvidia` is the device of NVIDIA's driver,
`program_cache` its compiler (options, cache).
"""
