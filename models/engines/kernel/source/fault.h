/**
 * Ends a call, not the process, where native code faults: what V8 does for WebAssembly. The kernel
 * holds no lock and owns no memory, so that leaving it anywhere loses nothing but the call.
 */
#pragma once
#include <setjmp.h>
#include <signal.h>
#include <stddef.h>

/** Where the calling thread continues after a fault; NULL outside of the kernel. */
static _Thread_local sigjmp_buf *landing;

static const int FAULTS[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP};
#define FAULT_COUNT (sizeof FAULTS / sizeof *FAULTS)
static struct sigaction before[FAULT_COUNT];

/** Returns to the kernel's caller; faults of other code go where they went before. */
static void on_fault(int signal, siginfo_t *info, void *context) {
  if (landing != NULL) siglongjmp(*landing, signal);
  size_t i = 0;
  while (i + 1 < FAULT_COUNT && FAULTS[i] != signal) i++;
  if (before[i].sa_flags & SA_SIGINFO) before[i].sa_sigaction(signal, info, context);
  else if (before[i].sa_handler != SIG_DFL && before[i].sa_handler != SIG_IGN) before[i].sa_handler(signal);
  // The faulting instruction is repeated, and ends the process.
  else sigaction(signal, before + i, NULL);
}

/** Handles faults from now on, once per process. */
static void catch_faults(void) {
  static int caught;
  if (__atomic_exchange_n(&caught, 1, __ATOMIC_SEQ_CST)) return;
  struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO | SA_NODEFER | SA_ONSTACK};
  for (size_t i = 0; i < FAULT_COUNT; i++) sigaction(FAULTS[i], &action, before + i);
}

/** Runs a statement; evaluates to 0, or to the signal that ended it. */
#define GUARDED(statement)                            \
  ({                                                  \
    sigjmp_buf here;                                  \
    const int fault = sigsetjmp(here, 0);             \
    if (fault == 0) {                                 \
      landing = &here;                                \
      statement;                                      \
    }                                                 \
    landing = NULL;                                   \
    fault;                                            \
  })
