/** A spec to begin with, made for a dataset: valid as it stands, small, and with the words one would change. */
import type { DatasetVersion } from '../../contract/datasets.ts';

export type ExampleOf = Pick<DatasetVersion, 'name' | 'version' | 'newest' | 'rows' | 'varying' | 'groups' | 'targets'>;

const TRAIN_SHARE = 0.7;
const BATCH = 64;
/** Fewer groups cannot fill three parts (search/schemas/spec.ts). */
const LEAST_GROUPS = 3;

/** Named without its version where that is the newest: the sweep's row keeps the version that it then ran on. */
export const datasetReference = ({ name, version, newest }: Pick<ExampleOf, 'name' | 'version' | 'newest'>): string =>
  newest ? name : `${name}@${version.slice(0, 12)}`;

export function buildExampleSpec(dataset: ExampleOf): string {
  const [target, ...others] = dataset.targets.map(({ name }) => name);
  const widths = [1, 2, 3].filter((k) => k <= dataset.varying);
  const by = dataset.groups !== null && dataset.groups >= LEAST_GROUPS ? 'group' : 'random';
  const batch = Math.max(1, Math.min(BATCH, Math.floor(TRAIN_SHARE * dataset.rows)));
  return `# How few numbers carry the ${target ?? 'target'} of ${dataset.name}?
name: ${word(`${dataset.name}-${target ?? 'sweep'}`)}
dataset: ${word(datasetReference(dataset))}
target: ${word(target ?? '')}${others.length > 0 ? `  # there are also: ${others.join(', ')}` : ''}
split: { train: ${TRAIN_SHARE}, validation: 0.15, test: 0.15, seed: 1, by: ${by} }
methods: [ednn, eca, nnca]
space:
  k: [${widths.join(', ')}]
  hidden: { choice: [[32, 32, 32], [48, 32, 24]] }
  activation: gelu
  learningRate: { log: [0.01, 0.03] }
seeds: 5
sampler: { grid: { steps: 2 } }
training: { epochs: 40, batch: ${batch} }
`;
}

/** As YAML reads it back unchanged: plain where that is safe, quoted elsewhere. */
const word = (text: string): string => (/^[A-Za-z][\w.@-]*$/.test(text) ? text : JSON.stringify(text));
