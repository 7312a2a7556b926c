/** Requests as bytes, mutated from valid ones of every route. */
import { archiveOf, buildDatasets } from './datasets.ts';
import type { Draw } from './draw.ts';
import { BLIND } from './mutate-bytes.ts';
import { mutateFile } from './mutate-file.ts';
import { mutateText } from './mutate-text.ts';
import { HOSTILE_TEXTS, mutateValue, type Value } from './mutate-value.ts';
import type { Operation, ServerReady } from './server-process.ts';
import { SPECS } from './texts.ts';

/** In the bytes of a request, the place of the token, which each server draws anew. */
export const TOKEN = '{token}';

const BODIES: Readonly<Record<string, Value>> = {
  '/api/session': { token: 'narrows_x' },
  '/api/sweeps': { spec: SPECS[0] as string, name: 'fuzzed' },
  '/api/plan': { spec: SPECS[1] as string },
  '/api/plan/samplers': { spec: SPECS[1] as string },
  '/api/sweeps/{sweep}/retry': { failedOnly: true },
  '/api/sweeps/{sweep}/extend': { trials: 200, seeds: [1, 2], k: [1, 2, 3], name: 'fuzzed' },
  '/api/trials/{trial}/{operation}': { rows: [[0.1, 0.2, 1, 0.3]] },
};
const CURSORS: readonly Value[] = [
  ['2026-01-01 00:00:00+00', 'fuzzedsweep0'],
  { at: '2026-01-01 00:00:00.123+00', id: 'retrain-waist-2' },
  ['validation', 'desc', 0.5, 3],
];
const HEADERS: Readonly<Record<string, readonly string[]>> = {
  authorization: [`Bearer ${TOKEN}`, 'Bearer', 'Basic eDp5', `Bearer ${TOKEN}x`, `Bearer ${'x'.repeat(9000)}`],
  cookie: ['narrows=x', `narrows=${'x'.repeat(4000)}`, 'a=b; a=c;;; =; narrows', 'narrows=%00%ff'],
  'idempotency-key': ['once', '', 'x'.repeat(201), '\x01', 'é'],
  'if-none-match': ['*', 'W/"x"', '"'.repeat(3000), 'W/'],
  host: ['evil.example', '127.0.0.1:99999', '[::1', '', 'a b'],
  origin: ['http://evil.example', 'null', 'http://', '\xff'],
  'content-type': ['application/json', 'text/plain', 'application/json; charset=utf-7', 'application/zip', ''],
  'content-length': ['0', '-1', '1e9', '99999999999999999999', '5, 5'],
  'transfer-encoding': ['chunked', 'gzip', 'chunked, chunked'],
  'content-encoding': ['gzip', 'br'],
  accept: ['text/event-stream', '*/*;q=9', ','.repeat(4000)],
  'accept-encoding': ['gzip', 'gzip;q=0, *;q=0', 'zstd'],
  'last-event-id': ['0', '-1', '99999999999999999999', 'x'],
  range: ['bytes=0-0', 'bytes=9-1', 'bytes=-99999999999'],
  'sec-fetch-site': ['cross-site', 'same-origin'],
  expect: ['100-continue', 'x'],
  'x-forwarded-for': ['1.2.3.4', '::', ','.repeat(2000)],
};
const RAW = [
  '%',
  '%zz',
  '%00',
  '%ff%fe',
  '%2e%2e%2f%2e%2e%2fetc',
  '..',
  '//',
  '%c0%ae',
  '?',
  '#',
  '&',
  '%u0041',
  ';',
  '+',
  '%1b%5b2J',
];

/** Encodes any text for a URL, lone surrogates included. */
const encoded = (text: string): string =>
  [...Buffer.from(text)]
    .map((byte) =>
      /[\w.~-]/.test(String.fromCharCode(byte)) ? String.fromCharCode(byte) : `%${byte.toString(16).padStart(2, '0')}`,
    )
    .join('');

const cursorOf = (draw: Draw): string => Buffer.from(JSON.stringify(mutateValue(draw, draw.pick(CURSORS)))).toString('base64url');

function hostile(draw: Draw, valid: string): string {
  switch (draw.below(4)) {
    case 0:
      return draw.pick(RAW);
    case 1:
      return encoded(mutateText(draw, Buffer.from(valid), Buffer.alloc(0)).toString('utf8').slice(0, 8000));
    case 2:
      return cursorOf(draw);
    default:
      return encoded(draw.pick(HOSTILE_TEXTS).slice(0, 8000));
  }
}

/** Returns a function that makes requests to the routes of a server. */
export async function requestFactory({ document, parameters }: Pick<ServerReady, 'document' | 'parameters'>) {
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const archives = [...(await buildDatasets()).values()].map(archiveOf);
  return (draw: Draw): Buffer => {
    const { path, method, operation } = draw.pick(routes);
    const query = (operation.parameters ?? []).filter((one) => one.in === 'query' && draw.chance(0.5));
    // One or two parts of a request are hostile, so that the others let it pass.
    const rate = 1.5 / (3 + query.length);
    const value = (parameter: string, choices: readonly string[] = []): string => {
      const valid = choices.length > 0 ? draw.pick(choices) : (parameters[parameter] ?? '');
      return draw.chance(rate) ? hostile(draw, valid) : parameter === 'cursor' ? cursorOf(draw) : encoded(valid);
    };
    const target = path.replaceAll(/\{(\w+)\}/g, (_, parameter: string) => value(parameter));
    const search = query.map(({ name, schema }) => `${name}=${value(name, schema?.enum)}`).join('&');
    const body = bodyOf(draw, path, operation, archives, draw.chance(rate * 2));
    const headers = new Map<string, string>([
      ['host', '127.0.0.1'],
      ['authorization', `Bearer ${TOKEN}`],
      ...(body === null ? [] : [['content-type', body.type] as const, ['content-length', String(body.bytes.length)] as const]),
    ]);
    if (draw.chance(rate)) {
      const name = draw.pick(Object.keys(HEADERS));
      headers.set(name, draw.pick(HEADERS[name] as readonly string[]));
    }
    const verb = draw.chance(0.05) ? draw.pick(['GET', 'HEAD', 'PUT', 'PATCH', 'OPTIONS', 'TRACE', 'BREW', 'get']) : method;
    const lines = [
      `${verb} ${target}${search === '' ? '' : `?${search}`} HTTP/1.1`,
      ...[...headers].map(([name, text]) => `${name}: ${text}`),
    ];
    const bytes = Buffer.concat([
      Buffer.from(`${lines.join('\r\n')}\r\nconnection: close\r\n\r\n`, 'latin1'),
      body?.bytes ?? Buffer.alloc(0),
    ]);
    return draw.chance(0.03) ? draw.pick(BLIND)(draw, bytes, bytes) : bytes;
  };
}

function bodyOf(
  draw: Draw,
  path: string,
  { requestBody }: Operation,
  archives: readonly Buffer[],
  isHostile: boolean,
): { readonly type: string; readonly bytes: Buffer } | null {
  if (requestBody === undefined) return null;
  const [type = ''] = Object.keys(requestBody.content);
  if (type === 'application/zip') {
    const archive = draw.pick(archives);
    return { type, bytes: isHostile ? mutateFile(draw, 'archive.zip', archive, Buffer.alloc(0)) : archive };
  }
  const value = BODIES[path] ?? {};
  if (!isHostile) return { type, bytes: Buffer.from(JSON.stringify(value)) };
  const json = Buffer.from(JSON.stringify(mutateValue(draw, withMutatedSpec(draw, value))));
  return { type, bytes: draw.chance(0.3) ? mutateText(draw, json, json) : json };
}

/** A spec travels as text in a body. */
function withMutatedSpec(draw: Draw, value: Value): Value {
  if (value === null || typeof value !== 'object' || Array.isArray(value) || typeof value.spec !== 'string') return value;
  return draw.chance(0.7)
    ? { ...value, spec: mutateText(draw, Buffer.from(value.spec), Buffer.alloc(0)).toString('utf8') }
    : value;
}
