import type { TrialEntry } from '../db/queries/trials/report-details.ts';

/** Maximum reports per transaction: bounds the memory of latents and weights. */
const MOST_AT_ONCE = 64;

/**
 * Creates a writer of reports as they come; what arrives during a transaction goes into the next.
 * After a failed write it calls `onError` and writes nothing more.
 */
export function createReportWriter(write: (entries: readonly TrialEntry[]) => Promise<void>, onError: (error: unknown) => void) {
  const waiting: TrialEntry[] = [];
  let writing: Promise<void> | null = null;
  let broken: { readonly error: unknown } | null = null;

  const drain = async () => {
    try {
      while (waiting.length > 0) {
        await write(waiting.splice(0, MOST_AT_ONCE));
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
    push(entry: TrialEntry): void {
      if (broken) return;
      waiting.push(entry);
      // In the next turn of the event loop: reports that arrive together are written together.
      writing ??= new Promise<void>((resolve) => setImmediate(resolve)).then(drain);
    },
    /** Resolves when everything pushed is written; rejects with the first error of a write. */
    async flush(): Promise<void> {
      while (writing) await writing;
      if (broken) throw broken.error;
    },
  };
}
