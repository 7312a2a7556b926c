import { nsga2 as proposer } from '../proposers/nsga2.ts';
import { createWeighing, type LearningSettings } from './learning.ts';
import type { Objectives } from './objectives.ts';

interface Nsga2Settings extends LearningSettings {
  readonly objectives: Objectives;
}

/** Points that weigh objectives against each other, bred from the best of each cell. */
export const nsga2 = createWeighing<Nsga2Settings>('nsga2', proposer, 1);
