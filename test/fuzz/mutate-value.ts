/** Mutations of values: documents, bodies and parameters before they are written as text. */
import type { Draw } from './draw.ts';

export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };

const nested = (depth: number): Value => {
  let value: Value = [];
  for (let i = 0; i < depth; i++) value = [value];
  return value;
};

/** Texts that programs mistake for something else. */
export const HOSTILE_TEXTS: readonly string[] = [
  '',
  ' ',
  '0',
  'none',
  '*',
  '\0',
  '\u001b[2J',
  '\u202e',
  '\ud800',
  '=1+1',
  "'",
  '../../x',
  'x'.repeat(20_000),
  '9'.repeat(400),
];

const VALUES: readonly Value[] = [
  ...[null, true, false, 0, -0, -1, 0.5, 1e-320, 1e308, 2 ** 31, 2 ** 32, 2 ** 53, Number.MAX_SAFE_INTEGER],
  ...HOSTILE_TEXTS,
  ...[
    [],
    {},
    [[]],
    [null],
    nested(500),
    Array.from({ length: 2000 }, () => 1),
    { choice: [] },
    { log: [0, 1] },
    { uniform: [1, 0] },
  ],
];
const KEYS = [
  '__proto__',
  'constructor',
  'toString',
  '',
  'a.b',
  'k[0]',
  '\u001b',
  'x'.repeat(5000),
  'choice',
  'log',
  'name',
] as const;

/** Returns a copy in which one node is replaced, removed, renamed or wrapped. */
export function mutateValue(draw: Draw, value: Value): Value {
  if (draw.chance(0.1) || typeof value !== 'object' || value === null) return change(draw, value);
  if (Array.isArray(value)) {
    if (value.length === 0) return [draw.pick(VALUES)];
    const at = draw.below(value.length);
    const others = [...value];
    const edit = draw.below(10);
    if (edit === 0) others.splice(at, 1);
    else if (edit === 1) others.splice(at, 0, value[at] as Value);
    else others[at] = mutateValue(draw, value[at] as Value);
    return others;
  }
  const entries = Object.entries(value);
  if (entries.length === 0 || draw.chance(0.1)) return Object.fromEntries([...entries, [draw.pick(KEYS), draw.pick(VALUES)]]);
  const at = draw.below(entries.length);
  const [key, inner] = entries[at] as [string, Value];
  const edit = draw.below(10);
  if (edit === 0) entries.splice(at, 1);
  else if (edit === 1) entries[at] = [draw.chance(0.5) ? draw.pick(KEYS) : key.slice(1), inner];
  else entries[at] = [key, mutateValue(draw, inner)];
  return Object.fromEntries(entries);
}

function change(draw: Draw, value: Value): Value {
  if (draw.chance(0.2)) return draw.pick([[value], { choice: [value] }, { value }, String(value)]);
  if (typeof value === 'number' && draw.chance(0.5)) return draw.pick([-value, value * 1e6, value + 0.5, 1 / value, value + 1]);
  return draw.pick(VALUES);
}
