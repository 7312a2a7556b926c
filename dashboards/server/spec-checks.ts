/** Checks specs that callers send, in threads of their own. */
import { NarrowsError } from '../../errors.ts';
import { availableProcessors } from '../../models/engines/processors.ts';
import type { Storage } from '../../operations/servers.ts';
import { isAboutSpec } from '../../operations/specs.ts';
import { type CheckedSpec, checkSpecs } from '../../operations/sweeps/check.ts';
import { createComputeClient } from './cache/compute-client.ts';
import type { SpecComputations } from './cache/spec-worker.ts';
import { toPlain } from './cache/thread-messages.ts';
import type { Limits } from './limits.ts';
import { createSemaphore } from './semaphore.ts';

/** Returns the checked sweeps of a spec. Throws LocatedSpecError or `spec-too-costly`. */
export type CheckSpecText = (caller: string, text: string, name: string | undefined) => Promise<CheckedSpec[]>;

/** Each caller has one check at a time, so that a costly one delays only those of its own. */
export function createSpecChecks(storage: Storage, { specMs, specMegabytes, specThreads }: Limits): CheckSpecText {
  const takeTurn = createSemaphore({ total: specThreads, perKey: 1 });
  const exceeded = () =>
    new NarrowsError('spec-too-costly', `checking this spec takes more than ${specMs / 1000} s or ${specMegabytes} MB`, {
      path: 'spec',
      fix: 'name fewer values and keys; "narrows sweep plan" has no such limit',
    });
  const limit = { ms: specMs, megabytes: specMegabytes, exceeded };
  const compute = createComputeClient<SpecComputations>('spec-worker', { threads: specThreads, limit });
  return (caller, text, name) =>
    takeTurn(caller, async () => {
      const specs = await compute('readSpec', text, name);
      try {
        return await checkSpecs(storage, specs, availableProcessors(), (...input) => compute('planSweep', ...input));
      } catch (error) {
        throw isAboutSpec(error) ? await compute('locate', text, toPlain(error)) : error;
      }
    });
}
