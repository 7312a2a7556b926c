/** All configurations of a sweep's space as columns: method, k and every parameter that varies, by arithmetic on the spec alone. */
import { METHODS } from '../models/engine.ts';
import { cells, configurationCount, pointsOf } from './space.ts';
import { type Dimension, PARAMETERS, type ParameterName, type SweepSpec } from './spec.ts';
import { hiddenWord } from './where.ts';

export interface ConfigurationColumn {
  readonly name: 'method' | 'k' | ParameterName;
  /** One entry per configuration; trial n has configuration floor(n / seeds). Of a column of words: place among them. */
  readonly values: Uint8Array | Uint16Array | Float64Array;
  readonly words: readonly string[] | null;
}

/** Points between two pauses of the generator. */
const POINTS_AT_ONCE = 2000;

/** Parameters of the space that take more than one value, in the order of PARAMETERS. */
export function varyingParameters(spec: SweepSpec): ParameterName[] {
  return PARAMETERS.filter((name) => {
    const dimension: Dimension<unknown> = spec.space[name];
    return dimension.kind === 'choice' ? dimension.values.length > 1 : dimension.kind !== 'constant';
  });
}

/** A value of a parameter as a word where it is no number: [64, 64] -> '64-64', true -> 'true'. */
export function parameterWord(value: unknown): string | number {
  if (typeof value === 'number') return value;
  return Array.isArray(value) ? hiddenWord(value as number[]) : String(value);
}

/** Pauses (yields) now and then, so that a server can answer others in between: a space may hold millions of configurations. */
export function* configurationColumns(spec: SweepSpec): Generator<void, ConfigurationColumn[]> {
  const count = configurationCount(spec);
  const dealt = cells(spec);
  const points = pointsOf(spec);
  const parameters = varyingParameters(spec).map((name) => {
    const dimension: Dimension<unknown> = spec.space[name];
    const words = dimension.kind === 'choice' ? dimension.values.map(parameterWord) : [];
    const isWord = words.some((word) => typeof word === 'string');
    const places = new Map(words.map((word, place) => [word, place]));
    const values = isWord ? codes(count, words.length) : new Float64Array(count);
    return { name, values, words: isWord ? words.map(String) : null, places };
  });
  const method = new Uint8Array(count);
  const k = new Uint16Array(count);
  for (let point = 0; point < points.count; point++) {
    const values = points.at(point);
    const first = point * dealt.length;
    for (const { name, values: column, words, places } of parameters) {
      const value = parameterWord(values[name]);
      const plain = words ? (places.get(value) as number) : (value as number);
      column.fill(plain, first, first + dealt.length);
    }
    dealt.forEach((cell, i) => {
      if (first + i >= count) return;
      method[first + i] = METHODS.indexOf(cell.method);
      k[first + i] = cell.k;
    });
    if (point % POINTS_AT_ONCE === POINTS_AT_ONCE - 1) yield;
  }
  return [
    { name: 'method', values: method, words: METHODS },
    { name: 'k', values: k, words: null },
    ...parameters.map(({ name, values, words }) => ({ name, values, words })),
  ];
}

/** The smallest type whose largest number is left for a word that is missing. */
const codes = (length: number, words: number) => (words < 255 ? new Uint8Array(length) : new Uint16Array(length));
