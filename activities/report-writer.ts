import type { TrialEntry } from '../db/queries/trials/report-details.ts';

/** Maximum reports per transaction: bounds the memory of latents and weights. */
const MOST_AT_ONCE = 64;

/** Writes reports as they come; those that arrive during a transaction go into the next. */
export interface ReportWriter {
  push(entry: TrialEntry): void;
  /** Resolves when everything pushed is written; rejects with the first error of a write. */
  flush(): Promise<void>;
  /** Trials written so far. */
  readonly written: number;
}

/** Creates a writer. After a failed write it calls `onError` and writes nothing more. */
export function createReportWriter(
  write: (entries: readonly TrialEntry[]) => Promise<void>,
  onError: (error: unknown) => void,
): ReportWriter {
  const waiting: TrialEntry[] = [];
  let written = 0;
  let writing: Promise<void> | null = null;
  let broken: { readonly error: unknown } | null = null;

  const drain = async () => {
    try {
      while (waiting.length > 0) {
        const batch = waiting.splice(0, MOST_AT_ONCE);
        await write(batch);
        written += batch.length;
      }
    } catch (error) {
      broken = { error };
      waiting.length = 0;
      onError(error);
    } finally {
      writing = null;
    }
  };

  return {
    push(entry) {
      if (broken) return;
      waiting.push(entry);
      // In the next turn of the event loop, so that reports that arrive together are written
      // together.
      writing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(drain);
    },
    async flush() {
      while (writing) await writing;
      if (broken) throw broken.error;
    },
    get written() {
      return written;
    },
  };
}
