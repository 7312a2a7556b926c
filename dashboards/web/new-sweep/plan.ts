/** What the server makes of a spec while it is written. */
import { useEffect, useState } from 'preact/hooks';
import type { Plan } from '../../contract/sweeps.ts';
import { Failure, send } from '../api/http.ts';
import { connection } from '../state/live.ts';
import { type SpecError, specErrors } from './spec-errors.ts';

export interface SpecCheck {
  /** What was looked at; another text than the editor's while that is still being checked. */
  readonly text: string;
  readonly name: string;
  readonly plan: Plan | null;
  readonly faults: readonly SpecError[];
  /** It could not be checked at all. */
  readonly failure: Failure | null;
}

const REST_MS = 300;

/** Asked once the typing rests; the question before is called off. `text` null: there is none yet. */
export function useSpecCheck(text: string | null, name: string): SpecCheck | null {
  const [checked, setChecked] = useState<SpecCheck | null>(null);
  const [attempt, setAttempt] = useState(0);
  useEffect(() => {
    if (text === null) return;
    const answer = (of: Partial<SpecCheck>) => setChecked({ text, name, plan: null, faults: [], failure: null, ...of });
    if (text.trim() === '') {
      answer({
        faults: [{ line: 1, column: 1, path: '', message: 'the spec is empty', fix: 'begin with the example of a dataset' }],
      });
      return;
    }
    const abort = new AbortController();
    const ask = async () => {
      try {
        const plan = await send<Plan>('POST', '/plan', { spec: text, ...named(name) }, { signal: abort.signal });
        if (!abort.signal.aborted) answer({ plan });
      } catch (error) {
        if (abort.signal.aborted) return;
        if (!(error instanceof Failure)) throw error;
        if (error.problem !== null && FAULTY.has(error.status)) answer({ faults: specErrors(error.problem) });
        else answer({ failure: error });
      }
    };
    const timer = setTimeout(() => void ask(), REST_MS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text, name, attempt]);

  const hasFailed = checked?.failure?.status === 0;
  useEffect(() => {
    if (!hasFailed) return;
    let wasLost = connection.peek() === 'lost';
    return connection.subscribe((now) => {
      if (now === 'lost') wasLost = true;
      else if (now === 'live' && wasLost) setAttempt((count) => count + 1);
    });
  }, [hasFailed]);
  return checked;
}

/** Invalid, or of a dataset that is not there: the spec's own doing. */
const FAULTY: ReadonlySet<number> = new Set([404, 422]);

/** The name as a request has it: none where the spec's own is meant. */
export const named = (name: string): { readonly name?: string } => (name.trim() === '' ? {} : { name: name.trim() });
