import { tpe as proposer } from '../proposers/tpe.ts';
import { createLearning } from './learning.ts';

/** Points proposed by a tree-structured Parzen estimator, for each cell from its own scores. */
export const tpe = createLearning('tpe', proposer, 1);
