/** The thread that reads and plans specs of callers, whose cost grows faster than their size. */
import { readSpec, replaceSampler, withFaultLocations } from '../../../operations/specs.ts';
import { planSweep } from '../../../search/plan.ts';
import { fromPlain, type PlainError, serveComputations } from './thread-messages.ts';

const computations = {
  readSpec: (text: string, name: string | undefined) => withFaultLocations(text, async () => readSpec(text, { name })),
  planSweep,
  replaceSampler,
  /** Throws the error with the lines of its faults. */
  locate: (text: string, error: PlainError) => withFaultLocations<never>(text, () => Promise.reject(fromPlain(error))),
} as const;
export type SpecComputations = typeof computations;

serveComputations(computations);
