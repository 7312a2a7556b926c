/** Shift of each descriptor between the data of a champion and new rows. */
import type { DriftRecord } from '../models/drift/record.ts';
import type { Figure, LegendEntry } from './model.ts';
import { short } from './numbers.ts';

type DescriptorDrift = Omit<DriftRecord['descriptors'][number], 'column'>;

/** Maximum number of descriptors drawn, those with the largest shift. */
const DRAWN = 20;
const ROW = 22;
/** The axis extends beyond the longest bar, where its q is written. */
const ROOM = 1.55;

/** Returns descriptors in order of their shift, the greatest first. */
export const sortByShift = (descriptors: readonly DescriptorDrift[]): DescriptorDrift[] =>
  descriptors.toSorted((a, b) => a.rate - b.rate || b.statistic - a.statistic);

/** Writes the smallest share of permutations, the observed labels included, as a bound. */
export function formatProbability(probability: number, permutations: number): string {
  const smallest = 1 / (permutations + 1);
  return probability < 1.5 * smallest ? `≤ ${short(smallest, 2)}` : short(probability, 2);
}

const colourOf = (shifted: boolean) => (shifted ? 'warn' : 'edge');

const sample = (label: string, shifted: boolean): LegendEntry => {
  return { kind: 'sample', shape: 'bar', label, colour: colourOf(shifted) };
};

/** The part of a record that the figure shows: all tests have the same permutations. */
type DrawnDrift = Pick<DriftRecord, 'descriptors'> & { readonly inputs: Pick<DriftRecord['inputs'], 'permutations'> };

export function driftFigure({ descriptors, inputs: { permutations } }: DrawnDrift, id: string, about: string): Figure {
  const ranked = sortByShift(descriptors);
  const drawn = ranked.slice(0, DRAWN).reverse();
  const most = Math.max(0.05, ...drawn.map(({ statistic }) => statistic));
  return {
    id,
    title: 'Drift detection',
    caption: `${about}${ranked.length > DRAWN ? ` ${DRAWN} of ${ranked.length} descriptors drawn; the table has all.` : ''}`,
    panels: [
      {
        description: ranked
          .slice(0, DRAWN)
          .map(
            ({ name, statistic, rate, shifted }) =>
              `${name} ${statistic.toFixed(3)}, q ${formatProbability(rate, permutations)}${shifted ? ', shifted' : ''}`,
          )
          .join('; '),
        height: 62 + ROW * drawn.length,
        x: { label: 'Kolmogorov-Smirnov statistic', domain: [0, ROOM * most] },
        y: { label: '', domain: [-0.6, drawn.length - 0.4], names: drawn.map(({ name }) => name) },
        marks: drawn.flatMap(({ statistic, rate, shifted }, i) => [
          { kind: 'bars', spans: [[i, statistic]], colour: colourOf(shifted), ...(shifted && { role: 'shifted' }) } as const,
          {
            kind: 'text',
            at: [statistic, i],
            text: `q ${formatProbability(rate, permutations)}`,
            colour: 'ink',
            isStrong: shifted,
          } as const,
        ]),
      },
    ],
    legend: [sample('shifted', true), sample('not shifted', false)],
    panelWidth: 480,
    table: () => ({
      head: ['descriptor', 'KS statistic', 'p', 'q', 'verdict'],
      rows: ranked.map(({ name, statistic, probability, rate, shifted }) => [
        ...[name, statistic, probability, rate, shifted ? 'shifted' : 'not shifted'],
      ]),
    }),
  };
}
