/** The trials of a sweep on a page: the plan once, outcomes as the server announces them. */
import { effect } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import type { SweepDetail } from '../../../contract/sweeps.ts';
import { Failure } from '../../api/http.ts';
import { revisions } from '../../state/live.ts';
import { createTable, mergeOutcomes, type TrialTable } from '../../trials/table.ts';
import { outcomesPath, plannedPath } from './prefetch.ts';
import { fetchColumns } from './reader.ts';
import { throttle } from './throttle.ts';

/** Milliseconds between two requests: a trial is shown within a second of its being written. */
const INTERVAL_MS = 400;
const RETRY_MS = 2000;

export interface Trials {
  /** The same object as rows are merged; `version` rises with each merge. */
  readonly table: TrialTable | null;
  readonly version: number;
  readonly failure: Failure | null;
}

/** Follows the sweep while the page is shown. */
export function useTrials(sweepId: string, parameters: SweepDetail['parameters']): Trials {
  const [state, setState] = useState<Trials>({ table: null, version: 0, failure: null });
  useEffect(() => {
    const abort = new AbortController();
    let table: TrialTable | null = null;
    let retry: ReturnType<typeof setTimeout> | undefined;
    setState({ table: null, version: 0, failure: null });
    const fetching = throttle(async () => {
      try {
        // Concurrently: neither request depends on the other.
        const [planned, outcomes] = await Promise.all([
          table === null ? fetchColumns(plannedPath(sweepId), {}, abort.signal) : null,
          fetchColumns(outcomesPath(sweepId), { since: table?.revision }, abort.signal),
        ]);
        const plan = planned === null ? (table as TrialTable) : createTable(planned, parameters);
        const changed = mergeOutcomes(plan, outcomes);
        // An answer without rows changes nothing on the screen.
        if (table === null || changed > 0) setState({ table: plan, version: plan.version, failure: null });
        else setState((before) => (before.failure ? { ...before, failure: null } : before));
        table = plan;
      } catch (error) {
        if (abort.signal.aborted) return;
        setState((before) => ({ ...before, failure: Failure.from(error) }));
        retry = setTimeout(fetching.request, RETRY_MS);
      }
    }, INTERVAL_MS);
    const stop = effect(() => {
      const newest = revisions.value.get(sweepId) ?? 0;
      if (table === null || table.revision === null || newest > table.revision) fetching.request();
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
