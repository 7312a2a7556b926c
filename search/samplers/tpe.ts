import { tpe as proposer } from '../proposers/tpe.ts';
import { createWeighing } from './learning.ts';

/** Points proposed by a tree-structured Parzen estimator, for each cell from its own scores. */
export const tpe = createWeighing('tpe', proposer, 1);
