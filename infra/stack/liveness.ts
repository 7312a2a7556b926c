/** Judges processes by their answers: one that runs and does not answer hangs. */
import { setTimeout } from 'node:timers/promises';

export interface Patience {
  /** Between an answer and the next question. */
  readonly intervalMs: number;
  /** Within which an answer counts. */
  readonly answerMs: number;
  /** Silence after which a process is replaced. */
  readonly hangMs: number;
}

export const PATIENCE: Patience = {
  intervalMs: 3000,
  answerMs: 5000,
  hangMs: 30_000, // several times the longest work of a main thread, on a machine that others use too
};

/** Resolves to true where the process answers; may reject, or never settle, where it does not. */
export type Ask = (timeoutMs: number) => Promise<boolean>;

/** Resolves to whether the process answers in time. */
export async function answersWithin(ask: Ask, timeoutMs: number): Promise<boolean> {
  const waiting = new AbortController();
  try {
    const late = setTimeout(timeoutMs, false, { signal: waiting.signal });
    late.catch(() => {});
    return await Promise.race([ask(timeoutMs), late]);
  } catch {
    return false;
  } finally {
    waiting.abort();
  }
}

/**
 * Returns the length of the silence after one more question without an answer. A gap in which this
 * process did not run either, as in a suspended machine, counts as one question: no process can
 * have answered.
 */
export function lengthenSilence(silentMs: number, elapsedMs: number, { intervalMs, answerMs }: Patience): number {
  return silentMs + Math.min(elapsedMs, intervalMs + answerMs);
}

export interface SilenceOptions {
  readonly ask: Ask;
  readonly patience: Patience;
  /** Called when the process stops answering, and when it answers again. */
  readonly onChange: (answers: boolean) => void;
  /** Ends the questions. */
  readonly signal: AbortSignal;
}

/** Asks again and again; resolves to true when the process hangs, to false when `signal` aborts. */
export async function waitUntilHanging({ ask, patience, onChange, signal }: SilenceOptions): Promise<boolean> {
  let silentMs = 0;
  let asked = performance.now(); // monotonic: it does not follow a clock that is set
  while (silentMs < patience.hangMs) {
    await setTimeout(patience.intervalMs, undefined, { signal }).catch(() => {});
    if (signal.aborted) return false;
    const answers = await answersWithin(ask, patience.answerMs);
    if (signal.aborted) return false;
    if (answers !== (silentMs === 0)) onChange(answers);
    const now = performance.now();
    silentMs = answers ? 0 : lengthenSilence(silentMs, now - asked, patience);
    asked = now;
  }
  return true;
}
