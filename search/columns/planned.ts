/** All trials that a sweep has planned as columns: method, k, seed and every parameter that varies, by arithmetic on the spec alone. */
import { METHODS } from '../../models/methods/catalogue.ts';
import { cellsOf, pointsOf, sweptDimension, trialCount } from '../space.ts';
import { PARAMETERS, type ParameterName, type SweepSpec } from '../spec.ts';
import { hiddenWord } from './where.ts';

export interface PlannedColumn {
  readonly name: 'method' | 'k' | 'seed' | ParameterName;
  /** One entry per trial. Of a column of words: place among them. */
  readonly values: Uint8Array | Uint16Array | Uint32Array | Float64Array;
  readonly words: readonly string[] | null;
}

/** Points between two pauses of the generator. */
const POINTS_AT_ONCE = 2000;

/** Parameters of the space that take more than one value, in the order of PARAMETERS. */
export function varyingParameters(spec: SweepSpec): ParameterName[] {
  return PARAMETERS.filter((name) => {
    const dimension = sweptDimension(spec, name);
    return dimension.kind === 'choice' ? dimension.values.length > 1 : dimension.kind !== 'constant';
  });
}

/** A value of a parameter as a word where it is no number: [64, 64] -> '64-64', true -> 'true'. */
export function parameterWord(value: unknown): string | number {
  if (typeof value === 'number') return value;
  return Array.isArray(value) ? hiddenWord(value as number[]) : String(value);
}

/** Pauses (yields) now and then, so that a server can answer others in between: a space may hold millions of trials. */
export function* plannedColumns(spec: SweepSpec): Generator<void, PlannedColumn[]> {
  const trials = trialCount(spec);
  const seeds = spec.seeds.length;
  const dealt = cellsOf(spec);
  const points = pointsOf(spec);
  const parameters = varyingParameters(spec).map((name) => {
    const dimension = sweptDimension(spec, name);
    const words = dimension.kind === 'choice' ? dimension.values.map(parameterWord) : [];
    const isWord = words.some((word) => typeof word === 'string');
    const places = new Map(words.map((word, place) => [word, place]));
    const values = isWord ? codes(trials, words.length) : new Float64Array(trials);
    return { name, values, words: isWord ? words.map(String) : null, places };
  });
  const method = new Uint8Array(trials);
  const k = new Uint16Array(trials);
  const seed = spec.seeds.every((one) => one <= 0xffffffff) ? new Uint32Array(trials) : new Float64Array(trials);
  for (let index = 0; index < trials; index++) seed[index] = spec.seeds[index % seeds] as number;
  const perPoint = dealt.length * seeds;
  for (let point = 0; point < points.count; point++) {
    const at = points.at(point);
    const first = point * perPoint;
    for (const { name, values, words, places } of parameters) {
      const value = parameterWord(at[name]);
      values.fill(words ? (places.get(value) as number) : (value as number), first, first + perPoint);
    }
    dealt.forEach((cell, i) => {
      method.fill(METHODS.indexOf(cell.method), first + i * seeds, first + (i + 1) * seeds);
      k.fill(cell.k, first + i * seeds, first + (i + 1) * seeds);
    });
    if (point % POINTS_AT_ONCE === POINTS_AT_ONCE - 1) yield;
  }
  return [
    { name: 'method', values: method, words: METHODS },
    { name: 'k', values: k, words: null },
    { name: 'seed', values: seed, words: null },
    ...parameters.map(({ name, values, words }) => ({ name, values, words })),
  ];
}

/** The smallest type whose largest number is left for a word that is missing. */
const codes = (length: number, words: number) => (words < 255 ? new Uint8Array(length) : new Uint16Array(length));
