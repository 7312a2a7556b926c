/** Columns of many rows in one value: the bytes that Postgres' `send` functions make of numbers. */

/** Postgres sends the highest byte first. A copy, since the driver's bytes start at any offset. */
const alignedBytes = (sent: Buffer | null): Buffer => Buffer.from(new Uint8Array(sent ?? []).buffer);

/** Each returns the numbers that a statement sends as `string_agg(int2send(...), null)`, etc. */
export const int2 = (sent: Buffer | null): Int16Array => new Int16Array(alignedBytes(sent).swap16().buffer);
export const int4 = (sent: Buffer | null): Int32Array => new Int32Array(alignedBytes(sent).swap32().buffer);
export const float8 = (sent: Buffer | null): Float64Array => new Float64Array(alignedBytes(sent).swap64().buffer as ArrayBuffer);
