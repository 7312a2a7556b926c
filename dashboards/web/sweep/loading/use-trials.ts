/** The trials of a sweep on a page: the plan once, outcomes as the server tells of new ones. */
import { effect } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { SweepDetail } from '../../../contract/sweeps.ts';
import { Failure } from '../../api/http.ts';
import { revisions } from '../../state/live.ts';
import { createTable, mergeOutcomes, type TrialTable } from '../../trials/table.ts';
import { outcomesPath, plannedPath } from './prefetch.ts';
import { fetchColumns } from './reader.ts';
import { throttle } from './throttle.ts';

/** Milliseconds between two questions: a trial is to be on the screen a second after it was written. */
const EVERY = 400;
const RETRY = 2000;

export interface Trials {
  /** The same object as it fills; `version` rises when it has. */
  readonly table: TrialTable | null;
  readonly version: number;
  readonly failure: Failure | null;
}

const asFailure = (error: unknown): Failure =>
  error instanceof Failure ? error : new Failure(0, null, (error as Error).message);

/** Follows the sweep while the page is there. */
export function useTrials(sweepId: string, parameters: SweepDetail['parameters']): Trials {
  const [state, setState] = useState<Trials>({ table: null, version: 0, failure: null });
  useEffect(() => {
    const abort = new AbortController();
    let table: TrialTable | null = null;
    let retry: ReturnType<typeof setTimeout> | undefined;
    setState({ table: null, version: 0, failure: null });
    const fetching = throttle(async () => {
      try {
        // At once: neither needs the other to be asked for.
        const [planned, outcomes] = await Promise.all([
          table === null ? fetchColumns(plannedPath(sweepId), {}, abort.signal) : null,
          fetchColumns(outcomesPath(sweepId), { since: table?.revision }, abort.signal),
        ]);
        const plan = planned === null ? (table as TrialTable) : createTable(planned, parameters);
        const changed = mergeOutcomes(plan, outcomes);
        // An answer without rows changes nothing that is seen.
        if (table === null || changed > 0) setState({ table: plan, version: plan.version, failure: null });
        else setState((before) => (before.failure ? { ...before, failure: null } : before));
        table = plan;
      } catch (error) {
        if (abort.signal.aborted) return;
        setState((before) => ({ ...before, failure: asFailure(error) }));
        retry = setTimeout(fetching.request, RETRY);
      }
    }, EVERY);
    const stop = effect(() => {
      const told = revisions.value.get(sweepId);
      const isNews = table === null || table.revision === null || (told !== undefined && told > table.revision);
      if (isNews) fetching.request();
    });
    return () => {
      stop();
      fetching.stop();
      clearTimeout(retry);
      abort.abort();
    };
  }, [sweepId]);
  return state;
}
