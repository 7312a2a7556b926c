/** Loads names, units, groups, series and quantities of a dataset for an interpretation. */
import type { DescriptorColumn } from '../models/descriptor.ts';
import type { InterpretationData } from '../models/interpretation/interpretation.ts';
import type { Quantity } from '../models/interpretation/series.ts';
import { type ArrayStore, type DatasetDescription, descriptorColumns, loadList } from './description.ts';

/** Returns everything but the arrays of an interpretation. */
export async function loadMetadata(
  store: ArrayStore,
  description: DatasetDescription,
): Promise<Omit<InterpretationData, 'pack'>> {
  const { manifest, groups, series } = description;
  const columns = descriptorColumns(description);
  return {
    descriptors: columns.map(({ name, unit }) => ({ name, unit })),
    groups: groups && (await loadList(store, groups.parts)),
    series: manifest.series && series ? { ...manifest.series, values: await loadList(store, series) } : null,
    quantities: seriesQuantities(columns),
  };
}

/** More descriptors than this are not followed one by one along a series. */
const MAX_FOLLOWED = 8;

/**
 * Returns the mean distances from the site (atom 0 of a Coulomb matrix) to its neighbours of each
 * element; without distances, the descriptors themselves if there are few.
 */
export function seriesQuantities(columns: readonly DescriptorColumn[]): Quantity[] {
  const byPair = new Map<string, Quantity>();
  columns.forEach(({ distance }, column) => {
    const [site, neighbour] = distance?.pair ?? [];
    if (distance === undefined || site === undefined || neighbour === undefined || atomNumber(site) > 0) return;
    const name = `${elementOf(site)}-${elementOf(neighbour)} distance`;
    const before = byPair.get(name)?.columns ?? [];
    byPair.set(name, { name, unit: distance.unit, columns: [...before, { column, numerator: distance.numerator }] });
  });
  if (byPair.size > 0) return [...byPair.values()];
  if (columns.length > MAX_FOLLOWED) return [];
  return columns.map(({ name, unit }, column) => ({ name, unit, columns: [{ column, numerator: null }] }));
}

/** 'O3' -> 3; 0, the site, for a label without a number. */
const atomNumber = (label: string): number => Number(/\d+$/.exec(label)?.[0] ?? 0);
const elementOf = (label: string): string => label.replace(/\d+$/, '');
