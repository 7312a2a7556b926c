/**
 * The part of Node-API in use, so that Node's headers are not needed: its binary interface is
 * stable (https://nodejs.org/api/n-api.html).
 */
#pragma once
#include <stddef.h>
#include <stdint.h>

typedef struct napi_env__ *napi_env;
typedef struct napi_value__ *napi_value;
typedef struct napi_callback_info__ *napi_callback_info;
typedef napi_value (*napi_callback)(napi_env, napi_callback_info);
enum { NAPI_OK = 0, NAPI_UINT8_ARRAY = 1 };

extern int napi_get_cb_info(napi_env, napi_callback_info, size_t *count, napi_value *arguments, napi_value *self, void **data);
extern int napi_get_typedarray_info(napi_env, napi_value, int *type, size_t *length, void **data, napi_value *buffer, size_t *offset);
extern int napi_get_value_double(napi_env, napi_value, double *);
extern int napi_create_double(napi_env, double, napi_value *);
extern int napi_throw_error(napi_env, const char *code, const char *message);
extern int napi_throw_range_error(napi_env, const char *code, const char *message);
extern int napi_create_function(napi_env, const char *name, size_t length, napi_callback, void *data, napi_value *);
extern int napi_set_named_property(napi_env, napi_value object, const char *name, napi_value);

#define EXPORTED __attribute__((visibility("default")))

/** Called by Node as it loads the addon: the version of the interface, then the registration. */
EXPORTED int32_t node_api_module_get_api_version_v1(void);
EXPORTED napi_value napi_register_module_v1(napi_env env, napi_value exports);
