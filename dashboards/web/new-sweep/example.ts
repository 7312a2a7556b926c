/** A small, valid example spec for a dataset, with the keys one would change. */
import { STARTER_METHODS, STARTER_SETTINGS, STARTER_SPACE } from '../../../text/starter-space.ts';
import type { DatasetVersion } from '../../contract/datasets.ts';

export type ExampleOf = Pick<DatasetVersion, 'name' | 'version' | 'newest' | 'rows' | 'varying' | 'groups' | 'targets'>;

const TRAIN_SHARE = 0.7;
const BATCH = 32;
/** A split has three parts (search/schemas/spec.ts). */
const MIN_GROUPS = 3;

/** Returns the name, with the version unless it is the newest: sweeps record their version. */
export const datasetReference = ({ name, version, newest }: Pick<ExampleOf, 'name' | 'version' | 'newest'>): string =>
  newest ? name : `${name}@${version.slice(0, 12)}`;

export function buildExampleSpec(dataset: ExampleOf): string {
  const [target, ...others] = dataset.targets.map(({ name }) => name);
  const widths = [1, 2, 3].filter((k) => k <= dataset.varying);
  const by = dataset.groups !== null && dataset.groups >= MIN_GROUPS ? 'group' : 'random';
  const batch = Math.max(1, Math.min(BATCH, Math.floor(TRAIN_SHARE * dataset.rows)));
  return `# How few numbers carry the ${target ?? 'target'} of ${dataset.name}?
name: ${yamlString(`${dataset.name}-${target ?? 'sweep'}`)}
dataset: ${yamlString(datasetReference(dataset))}
target: ${yamlString(target ?? '')}${others.length > 0 ? `  # others: ${others.join(', ')}` : ''}
split: { train: ${TRAIN_SHARE}, validation: 0.15, test: 0.15, seed: 1, by: ${by} }
${STARTER_METHODS}
space:
  k: [${widths.join(', ')}]
${STARTER_SPACE}
${STARTER_SETTINGS}
training: { epochs: 40, batch: ${batch} }
`;
}

/** Formats a YAML string: plain if that is safe, else quoted. */
const yamlString = (text: string): string => (/^[A-Za-z][\w.@-]*$/.test(text) ? text : JSON.stringify(text));
