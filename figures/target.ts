/** Columns of a target: energies of a spectrum, or columns with names and units of their own. */
import type { Axis, Cell } from './model.ts';
import { domainOf, withUnit } from './numbers.ts';

export interface Target {
  readonly name: string;
  /** Unit of every column; null if they differ. */
  readonly unit: string | null;
  /** Energies of a spectrum; null for other targets. */
  readonly energies: readonly number[] | null;
  readonly energyUnit: string | null;
  readonly columns: readonly { readonly name: string; readonly unit: string }[];
}

/** The columns of a target as the API answers them with spectra. */
export interface TargetAnswer {
  readonly unit: string;
  readonly energies: readonly number[] | null;
  readonly energyUnit: string | null;
  /** Names; null where the columns are energies. */
  readonly columns: readonly string[] | null;
  readonly coveredVarianceByEnergy: readonly unknown[];
}

export const targetOf = (answer: TargetAnswer, name = 'spectrum'): Target => ({
  name,
  unit: answer.columns ? null : answer.unit,
  energies: answer.energies,
  energyUnit: answer.energyUnit,
  columns: answer.coveredVarianceByEnergy.map((_, i) => ({ name: answer.columns?.[i] ?? String(i), unit: '' })),
});

/** Maximum number of columns that are named or drawn. */
export const NAMED_COLUMNS = 12;

export const energyLabel = ({ energyUnit }: Target): string => withUnit('energy', energyUnit);

/** The label of an axis of the target's values. */
export const valueLabel = ({ name, unit }: Target): string => (unit === null || unit === '' ? name : unit);

/** The place of each column on its axis. */
export const columnPlaces = ({ energies, columns }: Target): readonly number[] => energies ?? columns.map((_, i) => i);

export function columnAxis(target: Target): Axis {
  const { energies, columns } = target;
  if (energies) return { label: energyLabel(target), domain: domainOf(energies, 0) };
  return {
    label: 'target column',
    domain: [-0.5, columns.length - 0.5],
    ...(columns.length <= NAMED_COLUMNS && { names: columns.map(({ name }) => name) }),
  };
}

const hasUnits = ({ unit, columns }: Target): boolean => unit === null && columns.some((column) => column.unit !== '');

/** Heads of a table with a row for each column. */
export function columnHead(target: Target): string[] {
  if (target.energies) return [energyLabel(target)];
  return hasUnits(target) ? ['column', 'unit'] : ['column'];
}

/** Cells below columnHead. */
export function columnCells(target: Target, at: number): Cell[] {
  if (target.energies) return [target.energies[at] ?? null];
  const { name, unit } = target.columns[at] ?? { name: String(at), unit: '' };
  return hasUnits(target) ? [name, unit] : [name];
}
