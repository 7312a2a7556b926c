/** Limits of what callers hold at once: requests, uploads, event streams. */
import { NarrowsError } from '../../../errors.ts';

interface QuotaLimits {
  readonly code: string;
  /** Plural of what is counted. */
  readonly what: string;
  readonly perKey: number;
  readonly total?: number;
  /** After which a refused caller may try again. */
  readonly retrySeconds: number;
}

/** Takes one of a key's share, and returns the function that gives it back, which works once. */
export type Quota = (key: string) => () => void;

/** Refuses what exceeds the limits with a NarrowsError that carries the seconds to `wait`. */
export function createQuota({ code, what, perKey, total = Number.POSITIVE_INFINITY, retrySeconds }: QuotaLimits): Quota {
  const held = new Map<string, number>();
  let all = 0;
  return (key) => {
    const own = held.get(key) ?? 0;
    if (own >= perKey || all >= total) {
      const message = own >= perKey ? `this caller has ${own} ${what} at once already` : `the server has ${all} ${what} already`;
      throw Object.assign(new NarrowsError(code, message, { fix: `try again in ${retrySeconds} s` }), { wait: retrySeconds });
    }
    held.set(key, own + 1);
    all += 1;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      all -= 1;
      const left = (held.get(key) ?? 1) - 1;
      if (left === 0) held.delete(key);
      else held.set(key, left);
    };
  };
}
