/** Checks specs that callers send, in threads of their own. */
import { NarrowsError } from '../../errors.ts';
import { availableProcessors } from '../../models/engines/processors.ts';
import type { Storage } from '../../operations/servers.ts';
import { isAboutSpec } from '../../operations/specs.ts';
import { type CheckedSpec, checkSpecs, type PlanSweep } from '../../operations/sweeps/check.ts';
import { type Extension, planExtension } from '../../operations/sweeps/extend.ts';
import { LocatedSpecError } from '../../search/fault.ts';
import { offerSamplers } from '../../search/samplers/offers.ts';
import type { SamplerName } from '../../search/samplers/table.ts';
import { createComputeClient } from './cache/compute-client.ts';
import type { SpecComputations } from './cache/spec-worker.ts';
import { toPlain } from './cache/thread-messages.ts';
import type { Limits } from './limits.ts';
import { createSemaphore } from './semaphore.ts';

/** Checks on behalf of a caller. They throw `spec-too-costly`. */
export interface SpecChecks {
  /** Returns the checked sweeps of a spec. Throws LocatedSpecError. */
  checkText(caller: string, text: string, name: string | undefined): Promise<CheckedSpec[]>;
  /**
   * Returns the samplers that the first sweep of a spec could use, its own one first. Throws as
   * checkText does where the spec itself is faulty.
   */
  offerSamplers(caller: string, text: string, name: string | undefined): Promise<CheckedSampler[]>;
  /** Plans a larger sweep. Throws as planExtension does. */
  planExtension(caller: string, sweepId: string, request: Parameters<typeof planExtension>[2]): Promise<Extension>;
}

/** A spec with one of the samplers. */
export interface CheckedSampler {
  readonly sampler: SamplerName;
  readonly text: string;
  /** The sweeps of the text; a sentence where the sampler does not suit them. */
  readonly checked: readonly CheckedSpec[] | string;
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
  const check = async (text: string, name: string | undefined): Promise<CheckedSpec[]> => {
    const specs = await compute('readSpec', text, name);
    try {
      return await checkSpecs(storage, specs, availableProcessors(), plan);
    } catch (error) {
      throw isAboutSpec(error) ? await compute('locate', text, toPlain(error)) : error;
    }
  };
  return {
    checkText: (caller, text, name) => takeTurn(caller, () => check(text, name)),
    offerSamplers: (caller, text, name) =>
      takeTurn(caller, async () => {
        const checked = await check(text, name);
        const { spec } = checked[0] as CheckedSpec;
        const offers: CheckedSampler[] = [{ sampler: spec.sampler.kind, text, checked }];
        for (const { sampler, settings } of offerSamplers(spec)) {
          const replaced = await compute('replaceSampler', text, { [sampler]: settings });
          offers.push({ sampler, text: replaced, checked: await check(replaced, name).catch(describeFault) });
        }
        return offers;
      }),
    planExtension: (caller, sweepId, request) =>
      takeTurn(caller, () => planExtension(storage, sweepId, request, availableProcessors(), plan)),
  };
}

/** Returns the first fault of a spec as a sentence. Throws other errors. */
function describeFault(error: unknown): string {
  const [fault] = error instanceof LocatedSpecError ? error.faults : [];
  if (fault === undefined) throw error;
  return fault.message;
}
