/** An addon for tests: makes bytes of a memory inaccessible, or accessible again. */
#include "../../../models/engines/kernel/source/node_api.h"

extern int mprotect(void *address, size_t bytes, int access);
enum { NO_ACCESS = 0, READ_AND_WRITE = 3 };

/** protect(memory, offset, bytes, accessible): returns 0 where it succeeded. */
static napi_value protect(napi_env env, napi_callback_info info) {
  napi_value arguments[4], result = NULL;
  size_t given = 4, length = 0;
  void *data = NULL;
  int type = -1;
  double numbers[3] = {0};
  napi_get_cb_info(env, info, &given, arguments, NULL, NULL);
  napi_get_typedarray_info(env, arguments[0], &type, &length, &data, NULL, NULL);
  for (int i = 0; i < 3; i++) napi_get_value_double(env, arguments[1 + i], numbers + i);
  const size_t offset = (size_t)numbers[0], bytes = (size_t)numbers[1];
  if (given != 4 || type != NAPI_UINT8_ARRAY || offset > length || bytes > length - offset) {
    napi_throw_range_error(env, NULL, "protect(memory, offset, bytes, accessible) within the memory");
    return NULL;
  }
  napi_create_double(env, mprotect((char *)data + offset, bytes, numbers[2] ? READ_AND_WRITE : NO_ACCESS), &result);
  return result;
}

int32_t node_api_module_get_api_version_v1(void) { return 8; }

napi_value napi_register_module_v1(napi_env env, napi_value exports) {
  napi_value function = NULL;
  napi_create_function(env, "protect", SIZE_MAX, protect, NULL, &function);
  napi_set_named_property(env, exports, "protect", function);
  return exports;
}
