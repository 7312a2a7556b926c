/** The thread that computes statistics of stored results. */
import { compareMethods } from '../../../models/evaluation/comparison.ts';
import { parameterImportance } from '../../../models/evaluation/importance.ts';
import { computeFront } from '../../../models/evaluation/objectives.ts';
import { serveComputations } from './thread-messages.ts';

const computations = { comparison: compareMethods, importance: parameterImportance, front: computeFront } as const;
export type StatisticsComputations = typeof computations;

serveComputations(computations);
