/** Functions of the kernel for its hosts, wasm.c and addon.c. `base`: address of the memory. */
#pragma once
#include <stdint.h>

double kernel_train(uintptr_t base, uint32_t net, uint32_t order, int total, int first, int count, uint32_t rates, int step);
void kernel_evaluate(uintptr_t base, uint32_t net, uint32_t order, int n);
void kernel_evaluate_input(uintptr_t base, uint32_t net, uint32_t order, int n);
double kernel_parameter_gradient(uintptr_t base, uint32_t net, uint32_t order, int n, int step);
double kernel_input_gradient(uintptr_t base, uint32_t net, uint32_t order, int n, float scale);
void kernel_powers_of_two(uintptr_t base, uint32_t values, int n);
double kernel_multiply_adds(uintptr_t base, uint32_t values, int rounds);
