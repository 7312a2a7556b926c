/** What a dataset says of its structures beyond numbers: names and units, what belongs together, series, and quantities behind descriptors. */
import type { InterpretationData } from '../models/interpretation/interpretation.ts';
import type { Quantity } from '../models/interpretation/series.ts';
import { type ArrayStore, type DatasetDescription, loadList } from './description.ts';

export async function loadStructure(
  store: ArrayStore,
  { manifest, groups, series }: DatasetDescription,
): Promise<Omit<InterpretationData, 'pack'>> {
  const { columns } = manifest.descriptors;
  return {
    descriptors: columns.map(({ name, unit }) => ({ name, unit })),
    groups: groups && (await loadList(store, groups.sha256)),
    series: manifest.series && series ? { ...manifest.series, values: await loadList(store, series) } : null,
    quantities: quantitiesOf(columns),
  };
}
