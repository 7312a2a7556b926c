/** Covered variance by energy, or by column of a target that is not a spectrum. */
import type { Interpretation } from '../models/interpretation/interpretation.ts';
import type { Method } from '../models/methods/catalogue.ts';
import { cellLabel, METHOD_STYLES } from '../text/methods.ts';
import { BASELINE_NAMES, formatScore } from '../text/names.ts';
import { methodsOf, widthsOf } from './cells.ts';
import { curveMark, type Figure, type LegendEntry, lineSample, type Mark, type Panel } from './model.ts';
import { columnAxis, columnCells, columnHead, columnPlaces, type Target } from './target.ts';

const EMULATOR = BASELINE_NAMES.emulator ?? 'emulator';
const EMULATOR_DASH = '1 3';

type Curve = Method | 'emulator';

/** Marks of columns: of a method, or empty circles of the emulator. */
const markOf = (curve: Curve) => (curve === 'emulator' ? ({ fill: 'empty' } as const) : { symbol: curve });

/** Returns 0 to 1, from -0.5 at the least: a column that hardly varies is missed by any factor. */
export function coveredDomain(curves: readonly (readonly (number | null)[])[]): readonly [number, number] {
  const low = Math.min(0, ...curves.flat().map((value) => value ?? 0));
  return [Math.max(-0.5, low) - 0.05, 1.04];
}

/** `k`: of one width only. */
export function coveredVarianceByEnergyFigure(interpretation: Interpretation, target: Target, k?: number): Figure {
  const { emulator } = interpretation;
  const cells = interpretation.cells.filter((cell) => k === undefined || cell.k === k);
  const each = target.energies ? 'energy' : 'column';
  const isColumns = target.unit === null;
  const places = columnPlaces(target);
  const last = target.columns.length - 1;
  const curves = [...(emulator ? [emulator] : []), ...cells].map((one) => one.coveredVarianceByEnergy);
  const covered = { label: 'covered variance', domain: coveredDomain(curves) };
  // Names of columns need the room of the y axis: from the top down.
  const curve = (values: readonly (number | null)[], colour: Curve, label: string, dash: string): Mark => {
    if (!isColumns) return curveMark(places, values, { colour, label, dash });
    const points = values.flatMap((value, i) => (value === null ? [] : [[value, last - i] as const]));
    return { kind: 'points', points, colour, ...markOf(colour) };
  };
  const sample = (colour: Curve, label: string, dash: string): LegendEntry =>
    isColumns ? { kind: 'sample', shape: 'point', label, colour, ...markOf(colour) } : lineSample(label, colour, dash);
  const panels = widthsOf(cells).map((width): Panel => {
    const own = cells.filter((cell) => cell.k === width);
    return {
      ...(k === undefined && { title: `k = ${width}` }),
      description: own.map((cell) => `${cellLabel(cell)}: ${formatScore(cell.coveredVariance)} in all`).join('; '),
      height: isColumns ? 90 + 17 * target.columns.length : 280,
      ...(isColumns
        ? {
            x: covered,
            y: { label: '', domain: [-0.7, last + 0.7], names: target.columns.map(({ name }) => name).reverse() },
          }
        : { x: columnAxis(target), y: covered }),
      marks: [
        ...(emulator ? [curve(emulator.coveredVarianceByEnergy, 'emulator', EMULATOR, EMULATOR_DASH)] : []),
        ...own.map(({ method, coveredVarianceByEnergy }) =>
          curve(coveredVarianceByEnergy, method, METHOD_STYLES[method].label, METHOD_STYLES[method].dash),
        ),
      ],
    };
  });
  const inAll = [
    ...cells.map((cell) => `${METHOD_STYLES[cell.method].label} ${formatScore(cell.coveredVariance)}`),
    ...(emulator ? [`${EMULATOR} ${formatScore(emulator.coveredVariance)}`] : []),
  ];
  return {
    id: `covered-variance-by-energy${k === undefined ? '' : `-k${k}`}`,
    title: `Covered variance by ${each}${k === undefined ? '' : `, k = ${k}`}`,
    caption: `The best trial of each method and width on test rows, ${each} by ${each}; ${isColumns ? 'empty circles' : 'dotted'}: the full emulator.${k === undefined ? '' : ` In all: ${inAll.join(', ')}.`}`,
    panels,
    legend: [
      ...methodsOf(cells).map((method) => sample(method, METHOD_STYLES[method].label, METHOD_STYLES[method].dash)),
      ...(emulator ? [sample('emulator', EMULATOR, EMULATOR_DASH)] : []),
    ],
    panelWidth: k === undefined ? 340 : 700,
    table: () => ({
      head: [...columnHead(target), ...(emulator ? [EMULATOR] : []), ...cells.map(cellLabel)],
      rows: places.map((_, i) => [...columnCells(target, i), ...curves.map((values) => values[i] ?? null)]),
    }),
  };
}
