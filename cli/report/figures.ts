/** The figures of a sweep's report, each with the table behind it. */
import type { TargetColumn } from '../../datasets/description.ts';
import type { StoredField } from '../../db/queries/sweeps/interpretation.ts';
import type { Comparison } from '../../models/evaluation/comparison.ts';
import { DECISIVE_FROM, INDECISIVE_BELOW } from '../../models/interpretation/decisive.ts';
import { placesWithin } from '../../models/interpretation/fields.ts';
import type { CellReading, Interpretation } from '../../models/interpretation/interpretation.ts';
import { contourRuns, levelsOf, type Place, planeAt, regionRings, sliceOf, valueAt } from '../../models/interpretation/slices.ts';
import { METHODS, type Method } from '../../models/methods/catalogue.ts';
import { cellLabel, METHOD_STYLES } from '../../text/methods.ts';
import { BASELINE_NAMES } from '../../text/names.ts';
import { coverageSvg } from '../plot/coverage.ts';
import { chart, domainOf, INK, type Mark, type PanelSpec, type Point, sequential } from './chart.ts';

export interface Figure {
  /** Names the CSV file. */
  readonly id: string;
  readonly title: string;
  /** What is seen, and how it was made. */
  readonly caption: string;
  readonly svg: string | null;
  readonly table: { readonly head: readonly string[]; readonly rows: readonly (readonly (string | number | null)[])[] };
}

export interface ReportData {
  readonly comparison: Comparison;
  readonly interpretation: Interpretation;
  readonly fields: readonly StoredField[];
  readonly target: {
    readonly name: string;
    /** Of every column; null where columns have units of their own. */
    readonly unit: string | null;
    /** Of a spectrum; null where the target's columns are no energies. */
    readonly energies: readonly number[] | null;
    readonly energyUnit: string;
    readonly columns: readonly TargetColumn[];
  };
}

const STATE_COLORS = { decisive: '#009E73', undecided: '#B07A00', indecisive: '#8a8a8a' } as const;
const CHANCE_COLOR = '#bdbdbd';
/** Of more descriptors than these only the strongest are drawn. */
const NAMED = 12;
const STRONGEST = 16;
/** Lines of equal value on a slice through a field. */
const LEVELS = 9;

export function figuresOf(data: ReportData): Figure[] {
  const { cells } = data.interpretation;
  return [
    coverage(data),
    byEnergy(data),
    ...cells.map((cell) => latents(data, cell)),
    ...cells.map((cell) => response(data, cell)),
    ...cells.flatMap((cell) => (cell.components ? [components(data, cell)] : [])),
    ...cells.flatMap((cell) => (cell.expansion ? [decisive(data, cell)] : [])),
    ...(cells.some(({ series }) => series) ? series(data) : []),
    ...(data.fields.length > 0 ? [slices(data)] : []),
    agreement(data),
  ];
}

const idOf = ({ method, k }: { method: Method; k: number }): string => `${method}-k${k}`;

function coverage({ comparison }: ReportData): Figure {
  return {
    id: 'covered-variance',
    title: 'Covered variance against width',
    caption:
      'How much of the variance of the target each method covers on test rows: mean over seeds with 95 % bootstrap intervals.',
    svg: coverageSvg(comparison),
    table: {
      head: ['method', 'k', 'seeds', 'mean', 'low', 'high', 'structure side'],
      rows: [
        ...comparison.rows.map(({ method, k, trials, coveredVariance: { mean, low, high }, structureCoveredVariance }) => [
          METHOD_STYLES[method].label,
          k,
          trials,
          mean,
          low,
          high,
          structureCoveredVariance?.mean ?? null,
        ]),
        ...comparison.baselines.map(({ name, k, coveredVariance }) => [
          BASELINE_NAMES[name] ?? name,
          k,
          null,
          coveredVariance,
          null,
          null,
          null,
        ]),
      ],
    },
  };
}

/** Place of each target column on its axis. */
const placesOf = ({ energies, columns }: ReportData['target']): readonly number[] => energies ?? columns.map((_, i) => i);

function energyAxis({ energies, energyUnit, columns }: ReportData['target']) {
  if (energies) return { label: `energy / ${energyUnit}`, domain: domainOf(energies, 0) };
  return {
    label: 'target column',
    domain: [-0.5, columns.length - 0.5] as const,
    ...(columns.length <= NAMED ? { names: columns.map(({ name }) => name) } : {}),
  };
}

/** Head and cells of a table with a row per target column. */
function columnHead({ energies, energyUnit, unit }: ReportData['target']): string[] {
  if (energies) return [`energy / ${energyUnit}`];
  return unit === null ? ['column', 'unit'] : ['column'];
}

function columnCells({ energies, columns, unit }: ReportData['target'], at: number): (string | number)[] {
  if (energies) return [energies[at] as number];
  const column = columns[at] as TargetColumn;
  return unit === null ? [column.name, column.unit] : [column.name];
}

function byEnergy({ interpretation: { cells, emulator }, target }: ReportData): Figure {
  const places = placesOf(target);
  const each = target.energies ? 'energy' : 'column';
  const own = target.unit === null;
  const widths = [...new Set(cells.map(({ k }) => k))];
  const covered = { label: 'covered variance', domain: [-0.1, 1.02] } as const;
  const last = target.columns.length - 1;
  // Names of columns want the room beside an axis: from the top down.
  const mark = (values: readonly (number | null)[], color: string, dash?: string): Mark => {
    const found = values.flatMap((value, i) => (value === null ? [] : [{ value, i }]));
    if (own) return { kind: 'points', points: found.map(({ value, i }): Point => [value, last - i]), color, radius: 4 };
    const points = found.map(({ value, i }): Point => [places[i] as number, value]);
    return { kind: 'line', points, color, ...(dash && { dash }) };
  };
  const names = target.columns.map(({ name }) => name).reverse();
  const panels = widths.map(
    (k): PanelSpec => ({
      title: `k = ${k}`,
      ...(own ? { x: covered, y: { label: '', domain: [-0.7, last + 0.7], names } } : { x: energyAxis(target), y: covered }),
      marks: [
        ...(emulator ? [mark(emulator.coveredVarianceByEnergy, INK, '5 3')] : []),
        ...cells
          .filter((cell) => cell.k === k)
          .map(({ method, coveredVarianceByEnergy }) => mark(coveredVarianceByEnergy, METHOD_STYLES[method].color)),
      ],
    }),
  );
  return {
    id: 'covered-variance-by-energy',
    title: `Covered variance by ${each}`,
    caption: `The best trial of each method and width on test rows, ${each} by ${each}; ${own ? 'black' : 'dashed'} the full emulator.`,
    svg: chart({
      title: `Covered variance by ${each}`,
      description: cells.map((cell) => `${cellLabel(cell)}: ${cell.coveredVariance.toFixed(3)} in all`).join('; '),
      panels,
      legend: [
        ...METHODS.filter((method) => cells.some((cell) => cell.method === method)).map((method) => ({
          label: METHOD_STYLES[method].label,
          color: METHOD_STYLES[method].color,
        })),
        ...(emulator ? [{ label: BASELINE_NAMES.emulator as string, color: INK, ...(own ? {} : { dash: '5 3' }) }] : []),
      ],
      ...(own && { columns: 2, panelHeight: 90 + 17 * target.columns.length, nameWidth: 120 }),
    }),
    table: {
      head: [...columnHead(target), ...(emulator ? ['full emulator'] : []), ...cells.map(cellLabel)],
      rows: places.map((_, i) => [
        ...columnCells(target, i),
        ...(emulator ? [emulator.coveredVarianceByEnergy[i] as number | null] : []),
        ...cells.map(({ coveredVarianceByEnergy }) => coveredVarianceByEnergy[i] as number | null),
      ]),
    },
  };
}

function latents({ interpretation: { descriptors, structures } }: ReportData, cell: CellReading): Figure {
  const few = descriptors.length <= 4;
  const panels = cell.latents.flatMap(({ correlations }, j) => {
    const strongest = correlations
      .map(({ spearman }, d) => ({ d, spearman }))
      .sort((a, b) => Math.abs(b.spearman) - Math.abs(a.spearman));
    const shown = few ? descriptors.map((_, d) => d) : strongest.slice(0, 3).map(({ d }) => d);
    return shown.map((d): PanelSpec => {
      const { name, unit } = descriptors[d] as { name: string; unit: string };
      const points = cell.scatter.t.map((t, i): Point => [structures[i]?.x[d] as number, t[j] as number]);
      return {
        title: `rank correlation ${signed(correlations[d]?.spearman as number)}`,
        x: { label: withUnit(name, unit), domain: domainOf(points.map(([x]) => x)) },
        y: { label: `latent ${j + 1}`, domain: domainOf(points.map(([, y]) => y)) },
        marks: [{ kind: 'points', points, color: METHOD_STYLES[cell.method].color }],
      };
    });
  });
  return {
    id: `latents-${idOf(cell)}`,
    title: `Latents against descriptors: ${cellLabel(cell)}`,
    caption: `${few ? 'Every descriptor' : 'The three descriptors that go most closely with each latent'}, ${cell.scatter.rows.length} test structures, best trial (${cell.best}).`,
    svg: chart({
      title: `Latents of ${cellLabel(cell)}`,
      description: 'Scatter of latents against descriptors; figures in the table.',
      panels,
    }),
    table: {
      head: ['descriptor', 'unit', ...cell.latents.flatMap((_, j) => [`latent ${j + 1}: Pearson`, `latent ${j + 1}: Spearman`])],
      rows: descriptors.map(({ name, unit }, d) => [
        name,
        unit,
        ...cell.latents.flatMap(({ correlations }) => [correlations[d]?.pearson as number, correlations[d]?.spearman as number]),
      ]),
    },
  };
}

function response({ target }: ReportData, cell: CellReading): Figure {
  const { name, unit, columns } = target;
  const drawn = columns.slice(0, NAMED).length;
  const [what, how] =
    unit === null
      ? [
          `each column of ${name}`,
          `from its 2nd to its 98th percentile, the other latents at their medians.${drawn < columns.length ? ` ${drawn} of ${columns.length} columns drawn.` : ''}`,
        ]
      : ['the spectrum', 'from its 2nd (dark) to its 98th percentile (light), the other latents at their medians.'];
  return {
    id: `response-${idOf(cell)}`,
    title: `What a latent does to ${what}: ${cellLabel(cell)}`,
    caption: `The decoder's answer along each latent ${how}`,
    svg: chart({
      title: `Response of ${cellLabel(cell)}`,
      description: `Decoded ${unit === null ? 'columns' : 'spectra'} along each latent; values in the table.`,
      panels: unit === null ? columnResponses(columns.slice(0, NAMED), cell) : spectrumResponses(target, unit, cell),
    }),
    table: {
      head: [
        ...columnHead(target),
        ...cell.latents.flatMap(({ response: { at } }, j) => at.map((value) => `latent ${j + 1} = ${short(value)}`)),
      ],
      rows: columns.map((_, e) => [
        ...columnCells(target, e),
        ...cell.latents.flatMap(({ response: { spectra } }) => spectra.map((spectrum) => spectrum[e] as number)),
      ]),
    },
  };
}

function spectrumResponses(target: ReportData['target'], unit: string, { latents: all }: CellReading): PanelSpec[] {
  const places = placesOf(target);
  return all.map(
    ({ response: { at, spectra } }, j): PanelSpec => ({
      title: `latent ${j + 1}: ${written(at[0] as number)} to ${written(at.at(-1) as number)}`,
      x: energyAxis(target),
      y: { label: unit === '' ? target.name : unit, domain: domainOf(spectra.flat()) },
      marks: spectra.map((spectrum, i) => ({
        kind: 'line',
        points: spectrum.map((value, e): Point => [places[e] as number, value]),
        color: sequential(i / (spectra.length - 1)),
      })),
    }),
  );
}

/** Columns with units of their own share no axis: a panel for each latent and column. */
function columnResponses(columns: readonly TargetColumn[], { latents: all, method }: CellReading): PanelSpec[] {
  return all.flatMap(({ response: { at, spectra } }, j) =>
    columns.map(({ name, unit }, column): PanelSpec => {
      const points = at.map((t, i): Point => [t, spectra[i]?.[column] as number]);
      return {
        title: `${name} along latent ${j + 1}`,
        x: { label: `latent ${j + 1}`, domain: domainOf(at) },
        y: { label: withUnit(name, unit), domain: domainOf(points.map(([, value]) => value)) },
        marks: [{ kind: 'line', points, color: METHOD_STYLES[method].color }],
      };
    }),
  );
}

function components({ interpretation: { descriptors } }: ReportData, cell: CellReading): Figure {
  const own = cell.components ?? [];
  const top = 1.05 * Math.max(...own.flatMap(({ coefficients }) => coefficients.map(Math.abs)));
  const drawn = Math.min(descriptors.length, STRONGEST);
  const panels = own.map(({ coefficients, angle, stable }, j): PanelSpec => {
    const verdict = angle === null ? '' : stable ? ', stable' : ', unstable';
    const strongest = coefficients.map((value, d) => ({ value, d })).sort((a, b) => Math.abs(b.value) - Math.abs(a.value));
    // Few keep their order, so that components can be held beside each other.
    const shown = drawn < descriptors.length ? strongest.slice(0, drawn) : coefficients.map((value, d) => ({ value, d }));
    shown.reverse();
    return {
      title: `component ${j + 1}${verdict}`,
      x: { label: 'per standard deviation', domain: [-top, top] },
      y: { label: '', domain: [-0.7, shown.length - 0.3], names: shown.map(({ d }) => descriptors[d]?.name as string) },
      marks: [
        {
          kind: 'intervals',
          along: 'x',
          spans: shown.map(({ value }, i) => [i, Math.min(0, value), Math.max(0, value)] as const),
          color: METHOD_STYLES[cell.method].color,
          width: 9,
        },
        {
          kind: 'line',
          points: [
            [0, -1],
            [0, shown.length],
          ],
          color: INK,
          width: 0.8,
        },
      ],
    };
  });
  return {
    id: `components-${idOf(cell)}`,
    title: `Components on their descriptors: ${cellLabel(cell)}`,
    caption: `Change of each latent per standard deviation of a descriptor. ${own
      .map(({ angle }, j) =>
        angle === null
          ? `Component ${j + 1}: one seed, nothing to hold it against.`
          : `Component ${j + 1} lies ${short(angle.mean)} degrees apart between seeds on average, ${short(angle.high)} at most.`,
      )
      .join(' ')}${drawn < descriptors.length ? ` The ${drawn} strongest of ${descriptors.length} descriptors drawn.` : ''}`,
    svg: chart({
      title: `Components of ${cellLabel(cell)}`,
      description: 'Bars per descriptor; values in the table.',
      panels,
      panelHeight: 90 + 17 * drawn,
    }),
    table: {
      head: [
        'descriptor',
        'unit',
        'standard deviation',
        ...own.flatMap((_, j) => [`component ${j + 1}`, `component ${j + 1} per unit`]),
      ],
      rows: descriptors.map(({ name, unit, deviation }, d) => [
        name,
        unit,
        deviation,
        ...own.flatMap(({ coefficients }) => [coefficients[d] as number, (coefficients[d] as number) / deviation]),
      ]),
    },
  };
}

function decisive({ interpretation: { descriptors } }: ReportData, cell: CellReading): Figure {
  const all = (cell.expansion ?? []).map((share, d) => ({ ...share, name: descriptors[d]?.name as string }));
  const ranked = [...all].sort((a, b) => b.share.mean - a.share.mean);
  const shown = ranked.slice(0, STRONGEST).reverse();
  const marks: Mark[] = [
    {
      kind: 'intervals',
      along: 'x',
      spans: shown.map(({ control }, i) => [i - 0.22, control.low, control.high] as const),
      color: CHANCE_COLOR,
    },
    ...(['decisive', 'undecided', 'indecisive'] as const).flatMap((state): Mark[] => {
      const own = shown.map((one, i) => ({ one, i })).filter(({ one }) => one.state === state);
      return [
        {
          kind: 'intervals',
          along: 'x',
          spans: own.map(({ one, i }) => [i, one.share.low, one.share.high] as const),
          color: STATE_COLORS[state],
        },
        { kind: 'points', points: own.map(({ one, i }): Point => [one.share.mean, i]), color: STATE_COLORS[state], radius: 4 },
      ];
    }),
  ];
  const count = (state: string) => all.filter((one) => one.state === state).length;
  return {
    id: `decisive-${idOf(cell)}`,
    title: `What the expansion gives back: ${cellLabel(cell)}`,
    caption: `Share of each descriptor's variance on test rows that the expansion recovers, with 95 % intervals over seeds and resampled rows; grey, the same for directions of chance, as after training on permuted spectra. ${count('decisive')} decisive (interval above ${DECISIVE_FROM} and above the control's), ${count('undecided')} undecided, ${count('indecisive')} indecisive (below ${INDECISIVE_BELOW}, or the spectrum does not pass the bottleneck).${all.length > shown.length ? ` ${shown.length} of ${all.length} descriptors drawn.` : ''}`,
    svg: chart({
      title: `Decisive descriptors of ${cellLabel(cell)}`,
      description: ranked
        .slice(0, 3)
        .map(({ name, share, state }) => `${name}: ${share.mean.toFixed(2)}, ${state}`)
        .join('; '),
      panels: [
        {
          title: '',
          x: {
            label: 'share of variance recovered',
            domain: [Math.max(-1, Math.min(-0.05, ...shown.map(({ control, share }) => Math.min(control.low, share.low)))), 1.02],
          },
          y: { label: '', domain: [-0.7, shown.length - 0.3], names: shown.map(({ name }) => name) },
          marks,
        },
      ],
      legend: [
        ...(['decisive', 'undecided', 'indecisive'] as const).map((state) => ({ label: state, color: STATE_COLORS[state] })),
        { label: 'directions of chance', color: CHANCE_COLOR },
      ],
      panelHeight: 90 + 17 * shown.length,
      panelWidth: 480,
    }),
    table: {
      head: ['descriptor', 'share', 'low', 'high', 'control low', 'control high', 'state'],
      rows: ranked.map(({ name, share, control, state }) => [
        name,
        share.mean,
        share.low,
        share.high,
        control.low,
        control.high,
        state,
      ]),
    },
  };
}

function series({ interpretation: { cells, quantities, series: about } }: ReportData): Figure[] {
  const own = cells.filter((cell) => cell.series !== null);
  const label = about ? withUnit(about.name, about.unit) : '';
  return quantities.map(({ name, unit }, q): Figure => {
    const numbers = own[0]?.series?.points.every(({ value }) => Number.isFinite(Number(value))) ?? false;
    const place = (value: string, i: number) => (numbers ? Number(value) : i);
    const methods = METHODS.filter((method) => own.some((cell) => cell.method === method));
    const everything = own.flatMap(
      ({ series: found }) =>
        found?.points.flatMap(({ known, reconstructed }) => [
          known[q] as number,
          reconstructed[q]?.low as number,
          reconstructed[q]?.high as number,
        ]) ?? [],
    );
    const widths = [...new Set(own.map(({ k }) => k))];
    const shade = (k: number) => (widths.length === 1 ? 0.4 : (0.85 * widths.indexOf(k)) / (widths.length - 1));
    const panels = methods.map((method): PanelSpec => {
      const mine = own.filter((cell) => cell.method === method);
      const known =
        mine[0]?.series?.points.map(({ value, known: figures }, i): Point => [place(value, i), figures[q] as number]) ?? [];
      return {
        title: METHOD_STYLES[method].label,
        x: {
          label,
          domain: domainOf(known.map(([x]) => x)),
          ...(numbers ? {} : { names: mine[0]?.series?.points.map(({ value }) => value) ?? [] }),
        },
        y: { label: withUnit(name, unit), domain: domainOf(everything) },
        marks: [
          ...mine.flatMap(({ k, series: found }): Mark[] => {
            const points = found?.points ?? [];
            return [
              {
                kind: 'line',
                points: points.map(({ value, reconstructed }, i): Point => [place(value, i), reconstructed[q]?.mean as number]),
                color: sequential(shade(k)),
              },
              {
                kind: 'intervals',
                along: 'y',
                spans: points.map(
                  ({ value, reconstructed }, i) =>
                    [place(value, i), reconstructed[q]?.low as number, reconstructed[q]?.high as number] as const,
                ),
                color: sequential(shade(k)),
              },
            ];
          }),
          { kind: 'points', points: known, color: INK, radius: 3.5 },
        ],
      };
    });
    const errors = own.map((cell) => `${cellLabel(cell)}: ${short(cell.series?.errors[q] as number)}`).join('; ');
    return {
      id: `series-${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`,
      title: `${name} along the ${about?.name ?? 'series'}, reconstructed from the components`,
      caption: `Mean latents of the test rows at each ${about?.name ?? 'value'}, expanded back; bars span the seeds, points are the known means of the same rows. Root mean square error over the groups, ${unit}: ${errors}; with no component at all ${short(own[0]?.series?.spread[q] as number)}.${smallGroups(own)}`,
      svg: chart({
        title: `${name} along the ${about?.name}`,
        description: errors,
        panels,
        columns: 2,
        panelHeight: 250,
        legend: [
          ...widths.map((k) => ({ label: `k = ${k}`, color: sequential(shade(k)) })),
          { label: 'known', color: INK, point: true },
        ],
      }),
      table: {
        head: [
          label,
          'rows',
          'known',
          ...own.flatMap((cell) => [cellLabel(cell), `${cellLabel(cell)}: lowest seed`, `${cellLabel(cell)}: highest seed`]),
        ],
        rows: (own[0]?.series?.points ?? []).map(({ value, rows, known }, i) => [
          value,
          rows,
          known[q] as number,
          ...own.flatMap(({ series: found }) => {
            const figure = found?.points[i]?.reconstructed[q];
            return [figure?.mean ?? null, figure?.low ?? null, figure?.high ?? null];
          }),
        ]),
      },
    };
  });
}

function smallGroups(own: readonly CellReading[]): string {
  const single = own[0]?.series?.points.filter(({ rows }) => rows === 1).map(({ value }) => value) ?? [];
  return single.length > 0 ? ` Of one row only, hence no mean: ${single.join(', ')}.` : '';
}

/** Three slices through the middle of the data, one per pair of descriptors, for each field. */
function slices({ fields, interpretation: { descriptors } }: ReportData): Figure {
  const panels = fields.flatMap((field) =>
    [0, 1, 2].map((fixed) =>
      slicePanel(
        field,
        fixed,
        descriptors.map(({ mean }) => mean),
      ),
    ),
  );
  const first = fields[0] as StoredField;
  return {
    id: 'isosurfaces',
    title: 'Isosurfaces of the latent and of the sensitivity',
    caption:
      'Slices at the mean of the third descriptor: lines of equal value of the one latent of each method, and of M(x) = |d y / d x| of the full emulator in standardised units (our definition). Dark is low, light is high; grey is the edge of the convex region of the training structures, outside which nothing is known. The grids are stored, and in the CSV.',
    svg: chart({
      title: 'Isosurfaces',
      description: `Contours of ${fields.map(fieldName).join(', ')}.`,
      panels,
      panelHeight: 250,
    }),
    table: {
      head: [...first.axes.map(({ name, unit }) => withUnit(name, unit)), ...fields.map(fieldName)],
      rows: gridRows(fields),
    },
  };
}

const fieldName = ({ name }: StoredField): string =>
  name === 'sensitivity' ? 'sensitivity M' : `latent of ${METHOD_STYLES[name as Method].label ?? name}`;

function slicePanel(field: StoredField, fixed: number, means: readonly number[]): PanelSpec {
  const through = field.axes[fixed] as StoredField['axes'][0];
  const plane = planeAt(through, means[fixed] as number);
  const slice = sliceOf(field, fixed, plane);
  const [a, b] = [field.axes[slice.axes[0]], field.axes[slice.axes[1]]] as [StoredField['axes'][0], StoredField['axes'][0]];
  const levels = levelsOf(field.values, LEVELS);
  const path =
    (lines: readonly (readonly Place[])[], end: string): Extract<Mark, { kind: 'path' }>['d'] =>
    (x, y) =>
      lines.map((line) => `M${line.map(([px, py]) => `${x(px).toFixed(1)} ${y(py).toFixed(1)}`).join('L')}${end}`).join('');
  const marks = levels.flatMap((level, i): Mark[] => {
    const runs = contourRuns(slice, level);
    return runs.length === 0 ? [] : [{ kind: 'path', color: sequential(i / (levels.length - 1)), d: path(runs, '') }];
  });
  marks.push({ kind: 'path', color: '#9a9a9a', d: path(regionRings(slice), 'Z') });
  return {
    title: `${fieldName(field)}, ${through.name} = ${short(valueAt(through, plane))}`,
    x: { label: withUnit(a.name, a.unit), domain: [a.from, a.to] },
    y: { label: withUnit(b.name, b.unit), domain: [b.from, b.to] },
    marks,
  };
}

/** A row per place within the data: where it is, and every field there. */
function gridRows(fields: readonly StoredField[]): number[][] {
  return placesWithin(fields[0] as StoredField).map(({ index, at }) => [
    ...at,
    ...fields.map(({ values }) => values[index] as number),
  ]);
}

function agreement({ interpretation: { cells } }: ReportData): Figure {
  return {
    id: 'agreement',
    title: 'Do seeds find the same?',
    caption:
      'Every pair of seeds of the best configuration. ECA and NNCA: largest principal angle between the subspaces of their components, stable below 5 degrees. EDNN, whose latents have no common basis: linear CKA, and how much of one latent another tells (cross-fitted R² by nearest neighbours, both ways), stable from 0.95.',
    svg: null,
    table: {
      head: ['method', 'k', 'pairs', 'largest angle / degree', 'at most', 'linear CKA', 'at least', 'R²', 'at least', 'verdict'],
      rows: cells.map(({ method, k, agreement: found }) => {
        const verdict = found === null ? 'one seed' : found.stable ? 'stable' : 'unstable';
        if (found === null) return [METHOD_STYLES[method].label, k, 0, null, null, null, null, null, null, verdict];
        if (found.kind === 'principal-angles')
          return [
            METHOD_STYLES[method].label,
            k,
            found.pairs,
            found.largest.mean,
            found.largest.high,
            null,
            null,
            null,
            null,
            verdict,
          ];
        return [
          METHOD_STYLES[method].label,
          k,
          found.pairs,
          null,
          null,
          found.cka.mean,
          found.cka.low,
          found.r2.mean,
          found.r2.low,
          verdict,
        ];
      }),
    },
  };
}

const withUnit = (name: string, unit: string): string => (unit === '' || unit === '1' ? name : `${name} / ${unit}`);
const short = (value: number): string => String(Number(value.toPrecision(3)));
/** For the eye: with a real minus. */
const written = (value: number): string => short(value).replace('-', '−');
const signed = (value: number): string => `${value < 0 ? '−' : '+'}${Math.abs(value).toFixed(2)}`;
