/** Checks specs that callers send, in threads of their own. */
import { NarrowsError } from '../../errors.ts';
import { availableProcessors } from '../../models/engines/processors.ts';
import type { Storage } from '../../operations/servers.ts';
import { isAboutSpec } from '../../operations/specs.ts';
import { type CheckedSpec, checkSpecs, type PlanSweep } from '../../operations/sweeps/check.ts';
import { type Extension, planExtension } from '../../operations/sweeps/extend.ts';
import { createComputeClient } from './cache/compute-client.ts';
import type { SpecComputations } from './cache/spec-worker.ts';
import { toPlain } from './cache/thread-messages.ts';
import type { Limits } from './limits.ts';
import { createSemaphore } from './semaphore.ts';

/** Checks on behalf of a caller. They throw `spec-too-costly`. */
export interface SpecChecks {
  /** Returns the checked sweeps of a spec. Throws LocatedSpecError. */
  checkText(caller: string, text: string, name: string | undefined): Promise<CheckedSpec[]>;
  /** Plans a larger sweep. Throws as planExtension does. */
  planExtension(caller: string, sweepId: string, request: Parameters<typeof planExtension>[2]): Promise<Extension>;
}

/** Each caller has one check at a time, so that a costly one delays only those of its own. */
export function createSpecChecks(storage: Storage, { specMs, specMegabytes, specThreads }: Limits): SpecChecks {
  const takeTurn = createSemaphore({ total: specThreads, perKey: 1 });
  const exceeded = () =>
    new NarrowsError('spec-too-costly', `checking this spec takes more than ${specMs / 1000} s or ${specMegabytes} MB`, {
      path: 'spec',
      fix: 'name fewer values and keys; "narrows sweep plan" has no such limit',
    });
  const limit = { ms: specMs, megabytes: specMegabytes, exceeded };
  const compute = createComputeClient<SpecComputations>('spec-worker', { threads: specThreads, limit });
  const plan: PlanSweep = (...input) => compute('planSweep', ...input);
  return {
    checkText: (caller, text, name) =>
      takeTurn(caller, async () => {
        const specs = await compute('readSpec', text, name);
        try {
          return await checkSpecs(storage, specs, availableProcessors(), plan);
        } catch (error) {
          throw isAboutSpec(error) ? await compute('locate', text, toPlain(error)) : error;
        }
      }),
    planExtension: (caller, sweepId, request) =>
      takeTurn(caller, () => planExtension(storage, sweepId, request, availableProcessors(), plan)),
  };
}
