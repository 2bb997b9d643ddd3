// A function that is compiled twice, and chosen when the program is loaded: for any x86-64 processor and for those with
// AVX2. Whole numbers only: numbers with a point would differ where products and sums are fused.
#pragma once

#if defined(__x86_64__) && defined(__linux__) && defined(__GLIBC__) && defined(__GNUC__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define PA_VECTOR_CLONES __attribute__((target_clones("avx2", "default"), optimize("O3")))
#else
#define PA_VECTOR_CLONES
#endif
