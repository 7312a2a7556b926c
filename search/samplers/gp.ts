import { gp as proposer } from '../proposers/gp.ts';
import { createLearning } from './learning.ts';

/** Points of the largest improvement that a Gaussian process expects, for each cell by itself. */
export const gp = createLearning('gp', proposer, 1);
