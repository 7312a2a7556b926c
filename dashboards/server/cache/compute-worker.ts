/** The thread that computes statistics of stored results. */
import { bootstrap, compareMethods } from '../../../models/evaluation/comparison.ts';
import { parameterImportance } from '../../../models/evaluation/importance.ts';
import { serveComputations } from './thread-messages.ts';

const computations = { comparison: compareMethods, interval: bootstrap, importance: parameterImportance } as const;
export type StatisticsComputations = typeof computations;

serveComputations(computations);
