/** Checks a spec while it is edited. */
import { useEffect, useState } from 'preact/hooks';
import type { Plan } from '../../contract/sweeps.ts';
import { Failure, send } from '../api/http.ts';
import { debounce } from '../state/debounce.ts';
import { useReconnected } from '../state/live.ts';
import { type SpecError, specErrors } from './spec-errors.ts';

export interface SpecCheck {
  /** The text that was checked; differs from the editor's while a newer one is being checked. */
  readonly text: string;
  readonly name: string;
  readonly plan: Plan | null;
  readonly errors: readonly SpecError[];
  /** Why it could not be checked at all. */
  readonly failure: Failure | null;
}

const DEBOUNCE_MS = 300;

/** Checks the spec once typing pauses, and aborts an earlier check. `text`: null at first. */
export function useSpecCheck(text: string | null, name: string): SpecCheck | null {
  const [check, setCheck] = useState<SpecCheck | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (text === null) return;
    const report = (result: Partial<SpecCheck>) => setCheck({ text, name, plan: null, errors: [], failure: null, ...result });
    if (text.trim() === '') {
      const message = 'the spec is empty';
      return report({ errors: [{ line: 1, column: 1, path: '', message, fix: 'start with the example of a dataset' }] });
    }
    const abort = new AbortController();
    const run = debounce(async () => {
      try {
        const plan = await send<Plan>('POST', '/plan', { spec: text, ...nameOption(name) }, { signal: abort.signal });
        if (!abort.signal.aborted) report({ plan });
      } catch (error) {
        if (abort.signal.aborted) return;
        if (!(error instanceof Failure)) throw error;
        if (error.problem !== null && INVALID_SPEC.has(error.status)) report({ errors: specErrors(error.problem) });
        else report({ failure: error });
      }
    }, DEBOUNCE_MS);
    run();
    return () => {
      run.cancel();
      abort.abort();
    };
  }, [text, name, attempt]);
  useReconnected(check?.failure?.status === 0, () => setAttempt((count) => count + 1));
  return check;
}

/** Statuses caused by the spec itself: invalid, or a missing dataset. */
const INVALID_SPEC: ReadonlySet<number> = new Set([404, 422]);

/** The name in a request; left out if the spec's own is meant. */
export const nameOption = (name: string): { readonly name?: string } => (name.trim() === '' ? {} : { name: name.trim() });
