import { completeSpec } from '../../search/recipe.ts';
import { parseSweepSpec } from '../../search/schemas/spec.ts';
import { previewTrials, type Trial } from '../../search/space.ts';
import type { SweepSpec } from '../../search/spec.ts';

/** A small valid spec document; `changes` replace top-level keys. */
export function specDocument(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    name: 'waist',
    dataset: 'water',
    target: 'xes',
    methods: ['ednn', 'eca', 'nnca'],
    space: { k: [1, 2, 3], hidden: { choice: [[64, 64], [128]] }, learningRate: { log: [0.0005, 0.01] } },
    seeds: 5,
    ...changes,
  };
}

/** The size of the data that the specs below are for. */
export const SIZE = { trainRows: 1000, descriptors: 12, energies: 40 };

/** Returns the specs of a document, complete as for SIZE. */
export const specsOf = (document: unknown): SweepSpec[] => parseSweepSpec(document).map((spec) => completeSpec(spec, SIZE));

export function specOf(changes: Record<string, unknown> = {}): SweepSpec {
  return specsOf(specDocument(changes))[0] as SweepSpec;
}

/** Returns one trial alone. Throws RangeError outside the space. */
export const trialAt = (spec: SweepSpec, index: number): Trial => previewTrials(spec, [index])[0] as Trial;
