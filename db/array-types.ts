/**
 * Arrays of Postgres in their text form (manual, section 8.15.6). The driver can ask each new
 * connection for the array types of the server instead, but a connection that is lost meanwhile
 * ends the process: nobody awaits that query.
 */
import type { Sql } from 'postgres';

/** Identifiers of array types and their elements, fixed in pg_type.dat. */
const ELEMENT_OF = {
  1000: 16, // boolean
  1001: 17, // bytea
  1005: 21, // smallint
  1007: 23, // integer
  1009: 25, // text
  1014: 1042, // character
  1015: 1043, // character varying
  1016: 20, // bigint
  1021: 700, // real
  1022: 701, // double precision
  1185: 1184, // timestamp with time zone
  1231: 1700, // numeric
  199: 114, // json
  2951: 2950, // uuid
  3807: 3802, // jsonb
} as const;

const TOKEN = /[{}]|"((?:[^"\\]|\\.)*)"|[^,{}"]+/gs;

/** Teaches a pool the array types, with the element types that it knows. */
export function registerArrayTypes({ options: { parsers, serializers } }: Sql): void {
  for (const [array, element] of Object.entries(ELEMENT_OF)) {
    parsers[Number(array)] = (text: string) => parseArray(text, parsers[element]);
    serializers[Number(array)] = (values: unknown) => serializeArray(values, serializers[element]);
  }
}

/** Elements without a parser stay text; NULL becomes null. */
export function parseArray(text: string, parse: (element: string) => unknown = (element) => element): unknown {
  const open: unknown[][] = [[]];
  for (const [token, quoted] of text.matchAll(TOKEN)) {
    if (token === '{') {
      const inner: unknown[] = [];
      open.at(-1)?.push(inner);
      open.push(inner);
    } else if (token === '}') open.pop();
    else if (quoted !== undefined) open.at(-1)?.push(parse(quoted.replaceAll(/\\(.)/gs, '$1')));
    else open.at(-1)?.push(token === 'NULL' ? null : parse(token));
  }
  return open[0]?.[0];
}

/** Text that is an array already is passed on. */
export function serializeArray(values: unknown, serialize: (element: never) => unknown = String): unknown {
  if (!Array.isArray(values)) return values;
  const elements = values.map((value) => {
    if (Array.isArray(value)) return serializeArray(value, serialize);
    return value === null ? 'null' : `"${String(serialize(value as never)).replaceAll(/["\\]/g, '\\$&')}"`;
  });
  return `{${elements.join(',')}}`;
}
