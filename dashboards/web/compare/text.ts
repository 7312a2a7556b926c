/** Sentences and tables of a comparison of sweeps, and the sweeps named in an address. */
import type { Table } from '../../../figures/model.ts';
import { METHOD_STYLES } from '../../../text/methods.ts';
import { BASELINE_NAMES, formatScore } from '../../../text/names.ts';
import type { Compare } from '../../contract/compare.ts';

export type Compared = Compare['comparisons'][number];

/** `sweeps=a,b`, each once, in their order. */
export const parseSweeps = (text: string | undefined): string[] => [
  ...new Set((text ?? '').split(',').filter((id) => id !== '')),
];

export const sweepLabel = ({ sweep }: Compared): string => `${sweep.name} (${sweep.target} of ${sweep.dataset.name})`;

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

/** Compares one method and width across sweeps, and says whether their intervals overlap. */
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
