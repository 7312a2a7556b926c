/** The kernel as a WebAssembly module: its memory begins at address 0. */
#include "kernel.h"

#define EXPORT(name) __attribute__((export_name(#name)))

EXPORT(train) double train(uint32_t net, uint32_t order, int total, int first, int count, uint32_t rates, int step) {
  return kernel_train(0, net, order, total, first, count, rates, step);
}

EXPORT(evaluate) void evaluate(uint32_t net, uint32_t order, int n) { kernel_evaluate(0, net, order, n); }

EXPORT(evaluateInput) void evaluate_input(uint32_t net, uint32_t order, int n) { kernel_evaluate_input(0, net, order, n); }

EXPORT(parameterGradient) double parameter_gradient(uint32_t net, uint32_t order, int n, int step) {
  return kernel_parameter_gradient(0, net, order, n, step);
}

EXPORT(inputGradient) double input_gradient(uint32_t net, uint32_t order, int n, float scale) {
  return kernel_input_gradient(0, net, order, n, scale);
}

EXPORT(powersOfTwo) void powers_of_two(uint32_t values, int n) { kernel_powers_of_two(0, values, n); }

EXPORT(multiplyAdds) double multiply_adds(uint32_t values, int rounds) { return kernel_multiply_adds(0, values, rounds); }

extern char __heap_base;
/** The first address that the host may use. */
EXPORT(heapBase) uint32_t heap_base(void) { return (uint32_t)&__heap_base; }
