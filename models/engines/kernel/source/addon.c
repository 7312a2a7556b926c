/**
 * The kernel as a Node-API addon. Every function takes the memory, a Uint8Array, before the
 * arguments of the WebAssembly module's, checks that all they name is within it, and throws a
 * RangeError where it is not; a fault in the kernel becomes an Error. It keeps no state of a call, so
 * that any number of threads may load it.
 */
#include "check.h"
#include "fault.h"
#include "kernel.h"
#include "node_api.h"

#define MOST_ARGUMENTS 7

/** A call: the memory, and its other arguments. */
struct call {
  uintptr_t base;
  uint64_t size;
  double numbers[MOST_ARGUMENTS];
};

static napi_value refuse(napi_env env, const char *message) {
  napi_throw_range_error(env, NULL, message);
  return NULL;
}

/** Throws an Error whose code distinguishes a fault from other errors. */
static napi_value crashed(napi_env env) {
  napi_throw_error(env, "ERR_KERNEL_FAULT", "the native kernel crashed");
  return NULL;
}

static napi_value number(napi_env env, double value) {
  napi_value result = NULL;
  napi_create_double(env, value, &result);
  return result;
}

/** Reads the memory and `count` numbers, each an integer of 32 bits; 0 where they are not. */
static int read_call(napi_env env, napi_callback_info info, size_t count, struct call *call) {
  napi_value arguments[1 + MOST_ARGUMENTS];
  size_t given = 1 + MOST_ARGUMENTS, length = 0;
  void *data = NULL;
  int type = -1;
  if (napi_get_cb_info(env, info, &given, arguments, NULL, NULL) != NAPI_OK || given != 1 + count) return 0;
  if (napi_get_typedarray_info(env, arguments[0], &type, &length, &data, NULL, NULL) != NAPI_OK) return 0;
  if (type != NAPI_UINT8_ARRAY || (uintptr_t)data % 8) return 0;
  call->base = (uintptr_t)data;
  call->size = length;
  for (size_t i = 0; i < count; i++) {
    if (napi_get_value_double(env, arguments[1 + i], call->numbers + i) != NAPI_OK) return 0;
    if (!(call->numbers[i] >= -2147483648.0 && call->numbers[i] <= 4294967295.0)) return 0;
  }
  return 1;
}

INLINE uint32_t offset_of(const struct call *call, int i) { return call->numbers[i] < 0 ? UINT32_MAX : (uint32_t)call->numbers[i]; }
INLINE int integer_of(const struct call *call, int i) { return call->numbers[i] > 2147483647.0 ? -1 : (int)call->numbers[i]; }

static const char OUTSIDE[] = "the kernel was called with a network, rows or values outside of its memory";

/** Reads a call whose first arguments are a network and an order, with `n` at most a batch. */
static int read_batch(napi_env env, napi_callback_info info, size_t count, struct call *call) {
  if (!read_call(env, info, count, call) || !network_fits(call->base, call->size, offset_of(call, 0))) return 0;
  const struct header *net = (const struct header *)(call->base + offset_of(call, 0));
  const int n = integer_of(call, 2);
  return n >= 0 && (uint32_t)n <= net->batch && order_fits(call->base, call->size, offset_of(call, 1), n, net->rows);
}

static napi_value train(napi_env env, napi_callback_info info) {
  struct call call;
  if (!read_call(env, info, 7, &call) || !network_fits(call.base, call.size, offset_of(&call, 0))) return refuse(env, OUTSIDE);
  const struct header *net = (const struct header *)(call.base + offset_of(&call, 0));
  const uint32_t order = offset_of(&call, 1), rates = offset_of(&call, 5);
  const int total = integer_of(&call, 2), first = integer_of(&call, 3), count = integer_of(&call, 4);
  if (!order_fits(call.base, call.size, order, total, net->rows)) return refuse(env, OUTSIDE);
  if (first < 0 || count < 0 || !fits(call.size, rates, 8ull * (uint32_t)count, 8)) return refuse(env, OUTSIDE);
  if (((uint64_t)first + (uint64_t)count) * net->batch > INT32_MAX) return refuse(env, OUTSIDE);
  volatile double result = 0;
  const uint32_t net_at = offset_of(&call, 0);
  const int step = integer_of(&call, 6);
  if (GUARDED(result = kernel_train(call.base, net_at, order, total, first, count, rates, step))) return crashed(env);
  return number(env, result);
}

static napi_value evaluate(napi_env env, napi_callback_info info) {
  struct call call;
  if (!read_batch(env, info, 3, &call)) return refuse(env, OUTSIDE);
  if (GUARDED(kernel_evaluate(call.base, offset_of(&call, 0), offset_of(&call, 1), integer_of(&call, 2)))) {
    return crashed(env);
  }
  return NULL;
}

static napi_value evaluate_input(napi_env env, napi_callback_info info) {
  struct call call;
  if (!read_batch(env, info, 3, &call)) return refuse(env, OUTSIDE);
  if (GUARDED(kernel_evaluate_input(call.base, offset_of(&call, 0), offset_of(&call, 1), integer_of(&call, 2)))) {
    return crashed(env);
  }
  return NULL;
}

static napi_value parameter_gradient(napi_env env, napi_callback_info info) {
  struct call call;
  if (!read_batch(env, info, 4, &call)) return refuse(env, OUTSIDE);
  const uint32_t net = offset_of(&call, 0), order = offset_of(&call, 1);
  const int n = integer_of(&call, 2), step = integer_of(&call, 3);
  volatile double result = 0;
  if (GUARDED(result = kernel_parameter_gradient(call.base, net, order, n, step))) return crashed(env);
  return number(env, result);
}

static napi_value input_gradient(napi_env env, napi_callback_info info) {
  struct call call;
  if (!read_batch(env, info, 4, &call)) return refuse(env, OUTSIDE);
  const uint32_t net = offset_of(&call, 0), order = offset_of(&call, 1);
  const int n = integer_of(&call, 2);
  const float scale = (float)call.numbers[3];
  volatile double result = 0;
  if (GUARDED(result = kernel_input_gradient(call.base, net, order, n, scale))) return crashed(env);
  return number(env, result);
}

static napi_value powers_of_two(napi_env env, napi_callback_info info) {
  struct call call;
  if (!read_call(env, info, 2, &call)) return refuse(env, OUTSIDE);
  const int n = integer_of(&call, 1);
  if (n < 0 || n % 32 || !floats_fit(call.size, offset_of(&call, 0), (uint64_t)n)) return refuse(env, OUTSIDE);
  if (GUARDED(kernel_powers_of_two(call.base, offset_of(&call, 0), n))) return crashed(env);
  return NULL;
}

static napi_value multiply_adds(napi_env env, napi_callback_info info) {
  struct call call;
  if (!read_call(env, info, 2, &call) || !floats_fit(call.size, offset_of(&call, 0), 12 * LANES)) return refuse(env, OUTSIDE);
  volatile double result = 0;
  if (GUARDED(result = kernel_multiply_adds(call.base, offset_of(&call, 0), integer_of(&call, 1)))) return crashed(env);
  return number(env, result);
}

static const struct {
  const char *name;
  napi_callback function;
} FUNCTIONS[] = {
    {"train", train},
    {"evaluate", evaluate},
    {"evaluateInput", evaluate_input},
    {"parameterGradient", parameter_gradient},
    {"inputGradient", input_gradient},
    {"powersOfTwo", powers_of_two},
    {"multiplyAdds", multiply_adds},
};

int32_t node_api_module_get_api_version_v1(void) { return 8; }

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  catch_faults();
  for (size_t i = 0; i < sizeof FUNCTIONS / sizeof *FUNCTIONS; i++) {
    napi_value function = NULL;
    if (napi_create_function(env, FUNCTIONS[i].name, SIZE_MAX, FUNCTIONS[i].function, NULL, &function) != NAPI_OK) return NULL;
    napi_set_named_property(env, exports, FUNCTIONS[i].name, function);
  }
  return exports;
}
