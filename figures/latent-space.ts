/** Structures in latent space: one latent or descriptor against another, coloured by a third. */
import { quantile } from '../models/vectors.ts';
import type { Figure, LegendEntry, Mark, Panel, Point } from './model.ts';
import { type Domain, domainOf, measured, shareOf, withUnit } from './numbers.ts';

export interface Dimension {
  readonly label: string;
  readonly values: ArrayLike<number>;
}

/** Points drawn at most. */
const MOST_POINTS = 20_000;
/** Colours of the scale, each of which is one path, however many the points. */
const COLOURS = 32;

export interface LatentSpaceData {
  readonly trialId: string;
  readonly k: number;
  readonly split: string;
  /** Row numbers in the dataset, from 0. */
  readonly rows: ArrayLike<number>;
  /** One list of values per latent. */
  readonly t: readonly ArrayLike<number>[];
  readonly descriptors: readonly { readonly name: string; readonly unit: string; readonly values: ArrayLike<number> }[];
  readonly x: Dimension;
  readonly y: Dimension;
  /** The descriptor that colours the points. */
  readonly colour: LatentSpaceData['descriptors'][number] | undefined;
  /** A sentence about what a click on a point does. */
  readonly hint: string;
}

export function latentSpaceFigure(data: LatentSpaceData): Figure {
  const { trialId, k, split, rows, t, descriptors, colour, hint } = data;
  const drawn = Math.min(rows.length, MOST_POINTS);
  const range = colour && coreRange(colour.values);
  const named = [
    ...t.map((values, j) => ({ label: `latent ${j + 1}`, values })),
    ...descriptors.map(({ name, unit, values }) => ({ label: withUnit(name, unit), values })),
  ];
  return {
    id: `trial-${trialId}-k${k}-latents`,
    title: 'Latents',
    caption: `${drawn === rows.length ? 'All' : `${drawn} of`} ${rows.length} ${split} structures, through k = ${k}.${hint}`,
    panels: [latentSpacePanel(data, drawn, range)],
    legend: colour && range ? [rampOf(colour, range)] : [],
    panelWidth: 700,
    table: () => ({
      head: ['row', ...named.map(({ label }) => label)],
      rows: Array.from(rows, (row, i) => [row, ...named.map(({ values }) => values[i] ?? null)]),
    }),
  };
}

const rampOf = ({ name, unit }: { readonly name: string; readonly unit: string }, [low, high]: Domain): LegendEntry => {
  return { kind: 'ramp', label: withUnit(name, unit), low: measured(low, unit), high: measured(high, unit) };
};

/** Returns the 2nd and 98th percentile: single structures far out must not take the whole scale. */
function coreRange(values: ArrayLike<number>): Domain {
  const sorted = Float64Array.from(values).sort();
  return [quantile(sorted, 0.02), quantile(sorted, 0.98)];
}

function latentSpacePanel({ x, y, colour }: LatentSpaceData, drawn: number, range: Domain | undefined): Panel {
  const radius = drawn > 2000 ? 1.5 : 2.5;
  const bins = Array.from({ length: range ? COLOURS : 1 }, (): Point[] => []);
  for (let i = 0; i < drawn; i++) {
    const value = colour?.values[i] ?? 0;
    if (!Number.isFinite(value)) continue;
    const bin = range ? Math.min(COLOURS - 1, Math.floor(shareOf(range, value) * COLOURS)) : 0;
    bins[bin]?.push([x.values[i] ?? Number.NaN, y.values[i] ?? Number.NaN]);
  }
  return {
    description: `${y.label} against ${x.label} of ${drawn} structures`,
    height: 420,
    x: { label: x.label, domain: domainOf(Array.from(x.values)) },
    y: { label: y.label, domain: domainOf(Array.from(y.values)) },
    marks: bins.flatMap((points, bin): Mark[] =>
      points.length === 0 ? [] : [{ kind: 'points', points, radius, colour: range ? bin / (COLOURS - 1) : 'accent' }],
    ),
  };
}
