/** The kernel, with a crash in the training of networks whose batch has 13 rows. */
#define kernel_train kernel_train_unharmed
#include "../../models/engines/kernel/source/kernel.c"
#undef kernel_train

double kernel_train(uintptr_t base, uint32_t net, uint32_t order, int total, int first, int count, uint32_t rates, int step) {
  if (network_at(base, net)->batch == 13) *(volatile int *)(uintptr_t)8 = 1;
  return kernel_train_unharmed(base, net, order, total, first, count, rates, step);
}
