/** Components as bars over the descriptors that they are made of. */
import type { ComponentReading } from '../models/interpretation/components.ts';
import type { CellReading, Interpretation } from '../models/interpretation/interpretation.ts';
import { isOpen } from '../models/interpretation/thresholds.ts';
import type { Method } from '../models/methods/catalogue.ts';
import { cellLabel } from '../text/methods.ts';
import { cellId } from './cells.ts';
import type { Figure, Panel } from './model.ts';
import { short, strongest } from './numbers.ts';

export interface ComponentsData {
  readonly id: string;
  readonly title: string;
  readonly method: Method;
  /** Deviation of the training rows, in the descriptor's unit; null where it is not known. */
  readonly descriptors: readonly { readonly name: string; readonly unit: string; readonly deviation: number | null }[];
  readonly components: readonly (Pick<ComponentReading, 'coefficients'> & Partial<ComponentReading>)[];
  /** Whose coefficients the bars are, where there are lines for those of other seeds. */
  readonly shown?: string;
  /** Sentences after those about what is drawn. */
  readonly remarks: readonly string[];
}

/** Maximum number of descriptors drawn, the strongest. */
const DRAWN = 16;
const ROW = 20;

export function componentsFigure({ id, title, method, descriptors, components, shown: whose, remarks }: ComponentsData): Figure {
  const drawn = Math.min(DRAWN, descriptors.length);
  const drawnValues = components.flatMap(({ coefficients, range }) => [
    ...coefficients,
    ...(range?.low ?? []),
    ...(range?.high ?? []),
  ]);
  const top = 1.05 * Math.max(...drawnValues.map(Math.abs));
  const hasRanges = components.some(({ range }) => range);
  const nameOf = (d: number) => descriptors[d]?.name ?? String(d);
  const hasDeviations = descriptors.every(({ deviation }) => deviation !== null);
  const sentences = [
    'Change of each latent per standard deviation of a descriptor; a component has length 1.',
    ...(hasRanges && whose ? [`Bars: ${whose}; lines: the range over the matched components of all seeds.`] : []),
    ...remarks,
    ...(drawn < descriptors.length ? [`The ${drawn} strongest of ${descriptors.length} descriptors drawn.`] : []),
    hasDeviations
      ? 'The table has all, with the slope per physical unit.'
      : 'The table has all. Slopes per physical unit need the weights, which were not kept.',
  ];
  return {
    id,
    title,
    caption: sentences.join(' '),
    panels: components.map((component, j): Panel => {
      const { coefficients, angle, range } = component;
      const shown = strongest(coefficients, DRAWN).reverse();
      const value = (d: number) => coefficients[d] ?? 0;
      const verdict = angle ? `, ${verdictOn(component)} (${short(angle.high, 2)}° at most)` : '';
      const led = strongest(coefficients, 3).map((d) => `${nameOf(d)} ${short(value(d), 2)}`);
      return {
        title: `component ${j + 1}${verdict}`,
        description: `Component ${j + 1}: ${led.join(', ')}`,
        height: 72 + ROW * shown.length,
        x: { label: 'per standard deviation', domain: [-top, top], ticks: 5 },
        y: { label: '', domain: [-0.6, shown.length - 0.4], names: shown.map(nameOf) },
        marks: [
          {
            kind: 'bars',
            spans: shown.map((d, i) => [i, value(d)]),
            colour: method,
            labels: shown.map((d) => ({ text: `${nameOf(d)}: ${short(value(d))}` })),
          },
          ...(range
            ? [
                {
                  kind: 'intervals' as const,
                  along: 'x' as const,
                  spans: shown.map((d, i) => [i, range.low[d] ?? value(d), range.high[d] ?? value(d)] as const),
                  colour: 'ink' as const,
                  width: 1,
                },
              ]
            : []),
          { kind: 'rule', axis: 'x', at: 0, colour: 'ink', width: 1 },
        ],
      };
    }),
    legend: [],
    panelWidth: 290,
    table: () => ({
      head: [
        'descriptor',
        'unit',
        ...(hasDeviations ? ['standard deviation'] : []),
        ...components.flatMap(({ range }, j) => [
          `component ${j + 1}`,
          ...(hasDeviations ? [`component ${j + 1} per unit`] : []),
          ...(range ? [`component ${j + 1} low`, `component ${j + 1} high`] : []),
        ]),
      ],
      rows: descriptors.map(({ name, unit, deviation }, d) => [
        name,
        unit,
        ...(hasDeviations ? [deviation] : []),
        ...components.flatMap(({ coefficients, range }) => [
          coefficients[d] ?? null,
          ...(hasDeviations ? [(coefficients[d] ?? 0) / (deviation ?? 1)] : []),
          ...(range ? [range.low[d] ?? null, range.high[d] ?? null] : []),
        ]),
      ]),
    }),
  };
}

/** Unstable where the angle is not determined; open where collinear descriptors are the reason. */
const verdictOn = (component: Partial<ComponentReading>): string =>
  component.stable ? 'stable' : isOpen(component) ? 'open' : 'unstable';

/** The components of a method at a width, with how far they agree between seeds. */
export function interpretedComponentsFigure({ descriptors }: Interpretation, cell: CellReading): Figure {
  const components = cell.components ?? [];
  return componentsFigure({
    id: `components-${cellId(cell)}`,
    title: `Components on their descriptors: ${cellLabel(cell)}`,
    method: cell.method,
    descriptors,
    components,
    shown: cell.trials.includes(cell.best)
      ? 'the best trial'
      : `trial ${cell.trials[0]}, the first of the best configuration (the best trial is of another)`,
    remarks: components.map((component, j) => {
      const { angle, angleOverPartitions: apart, shownTurn } = component;
      const partitions = apart ? ` ${short(apart.mean)}° between partitions of the rows, ${short(apart.high)}° at most.` : '';
      if (angle === null) return `Component ${j + 1}: one seed, no angle between seeds.${partitions}`;
      const open = isOpen(component)
        ? ` Its latent shows ${short(100 * (shownTurn ?? 0), 2)} % of that turn: collinear descriptors leave the direction open.`
        : '';
      return `Component ${j + 1}: ${short(angle.mean)}° between seeds on average, ${short(angle.high)}° at most.${partitions}${open}`;
    }),
  });
}
