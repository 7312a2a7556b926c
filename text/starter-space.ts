/**
 * The part of a spec that a new project searches: few configurations, of which validation rows
 * choose one for each method and width. The choice: docs/decisions/0031-decay-by-rows.md.
 */
import { METHODS } from '../models/methods/catalogue.ts';

export const STARTER_METHODS = `methods: [${METHODS.join(', ')}]`;

export const STARTER_SPACE = `  hidden: { choice: [[32, 32, 32], [128, 128]] }
  weightDecay: { choice: [0, 0.1, 1] }
  learningRate: 0.02`;

/** Its settings: after a third of the epochs, a third of the configurations goes on. */
export const STARTER_SETTINGS = `seeds: 5
sampler: { grid: {} }
halving: { reduction: 3, rungs: 2 }`;
