/** A comparison of sweeps as its page reads it: what is chosen, sentences and tables. Pure. */

import { METHOD_STYLES } from '../../../text/methods.ts';
import { BASELINE_NAMES, formatScore } from '../../../text/names.ts';
import type { Compare } from '../../contract/compare.ts';
import { short } from '../charts/scale.ts';
import type { Table } from '../parts/table.ts';

type Contrast = Compare['contrasts'][number];
export type Compared = Compare['comparisons'][number];

/** `sweeps=a,b`, each once, in their order. */
export const chosenFrom = (text: string | undefined): string[] => [...new Set((text ?? '').split(',').filter((id) => id !== ''))];

/** Both ends of the interval on one side of nothing. */
export const isResolved = ({ difference: { low, high }, pairs }: Contrast): boolean => pairs > 1 && (low > 0 || high < 0);

const points = (value: number): string => `${short(100 * Math.abs(value), 2)} percentage points`;

/** Which of two methods covers more, and whether the seeds say so. */
export function contrastSentence(contrast: Contrast): string {
  const { k, a, b, difference, pairs } = contrast;
  const [more, less] = difference.mean >= 0 ? [a, b] : [b, a];
  const seeds = `${pairs} ${pairs === 1 ? 'pair' : 'pairs'} of seeds`;
  if (pairs === 1)
    return `k = ${k}: ${METHOD_STYLES[more].label} covers ${points(difference.mean)} more than ${METHOD_STYLES[less].label} in the one pair of seeds there is: not resolved.`;
  const interval = `[${short(100 * difference.low, 2)}, ${short(100 * difference.high, 2)}]`;
  if (isResolved(contrast))
    return `k = ${k}: ${METHOD_STYLES[more].label} covers ${points(difference.mean)} more than ${METHOD_STYLES[less].label} (${METHOD_STYLES[a].label} − ${METHOD_STYLES[b].label} ${interval}, ${seeds}).`;
  return `k = ${k}: ${METHOD_STYLES[a].label} and ${METHOD_STYLES[b].label} are not told apart (${METHOD_STYLES[a].label} − ${METHOD_STYLES[b].label} ${interval} percentage points, ${seeds}).`;
}

export function contrastTable(contrasts: readonly Contrast[]): Table {
  return {
    head: ['k', 'difference', 'mean', 'low', 'high', 'pairs', 'verdict'],
    rows: contrasts.map((contrast) => [
      contrast.k,
      `${METHOD_STYLES[contrast.a].label} − ${METHOD_STYLES[contrast.b].label}`,
      contrast.difference.mean,
      contrast.difference.low,
      contrast.difference.high,
      contrast.pairs,
      isResolved(contrast) ? 'resolved' : 'not resolved',
    ]),
  };
}

export const sweepLabel = ({ sweep }: Compared): string => `${sweep.name} (${sweep.target} of ${sweep.dataset.name})`;

/** Every figure of every sweep. */
export function coverageTable(compared: readonly Compared[]): Table {
  return {
    head: ['sweep', 'method', 'k', 'seeds', 'mean', 'low', 'high', 'best on validation'],
    rows: compared.flatMap(({ sweep, comparison }) => [
      ...(comparison?.rows ?? []).map(({ method, k, trials, coveredVariance: { mean, low, high, best } }) => [
        sweep.name,
        METHOD_STYLES[method].label,
        k,
        trials,
        mean,
        low,
        high,
        best,
      ]),
      ...(comparison?.baselines ?? []).map(({ name, k, coveredVariance }) => [
        sweep.name,
        BASELINE_NAMES[name] ?? name,
        k,
        null,
        coveredVariance,
        null,
        null,
        null,
      ]),
    ]),
  };
}

/** One row per baseline, one column per sweep. */
export function baselineTable(compared: readonly Compared[]): Table {
  const names = new Map<string, { readonly name: string; readonly k: number | null }>();
  for (const { comparison } of compared)
    for (const { name, k } of comparison?.baselines ?? []) names.set(`${name} ${k ?? ''}`, { name, k });
  return {
    head: ['baseline', 'k', ...compared.map(({ sweep }) => sweep.name)],
    rows: [...names.values()].map(({ name, k }) => [
      BASELINE_NAMES[name] ?? name,
      k,
      ...compared.map(
        ({ comparison }) => comparison?.baselines.find((one) => one.name === name && one.k === k)?.coveredVariance ?? null,
      ),
    ]),
  };
}

type Figures = Compare['figures'][number];

/** The same method and width in several sweeps: how far its figures lie apart, and whether their intervals do. */
export function differenceSentence({ method, k, sweeps }: Figures, nameOf: (sweepId: string) => string): string {
  const ranked = [...sweeps].sort((a, b) => b.coveredVariance.mean - a.coveredVariance.mean);
  const [first, last] = [ranked[0] as Figures['sweeps'][number], ranked.at(-1) as Figures['sweeps'][number]];
  const apart = first.coveredVariance.low > last.coveredVariance.high;
  return `${METHOD_STYLES[method].label}, k = ${k}: ${formatScore(first.coveredVariance.mean)} in ${nameOf(first.sweepId)}, ${formatScore(last.coveredVariance.mean)} in ${nameOf(last.sweepId)}: ${
    apart ? 'their intervals do not overlap' : 'their intervals overlap'
  }.`;
}

/** Below a thousandth of a degree there is rounding only. */
const degrees = (angle: number | undefined): number | null => (angle === undefined ? null : Math.round(angle * 1000) / 1000);

export function agreementTable(agreement: Compare['agreement'], nameOf: (sweepId: string) => string): Table {
  return {
    head: [
      'sweeps',
      'method',
      'k',
      'largest principal angle / degree',
      'all angles / degree',
      'linear CKA',
      'R² forward',
      'R² back',
    ],
    rows: agreement.flatMap(({ sweeps, cells }) =>
      cells.map(({ method, k, agreement: found }) => {
        const head = [sweeps.map(nameOf).join(' and '), METHOD_STYLES[method].label, k];
        if (found.kind === 'principal-angles') {
          return [...head, degrees(found.angles.at(-1)), found.angles.map(degrees).join(', '), null, null, null];
        }
        return [...head, null, '', found.cka, found.r2[0] ?? null, found.r2[1] ?? null];
      }),
    ),
  };
}
