/**
 * A lane that callers share whose last work was refused: one turn at a time, with rests between
 * turns, and callers with fewer refusals first.
 */
import { NarrowsError } from '../../errors.ts';

interface SlowLaneLimits {
  /** Share of the time that turns may take: the lane rests for the remainder. */
  readonly share: number;
  readonly maxRestMs: number;
  /** Time after which a turn is refused. */
  readonly maxWaitMs: number;
}

export interface SlowLane {
  /**
   * Resolves to the function that ends the turn, or to null when the caller was released while it
   * waited. Throws NarrowsError `too-many-uploads` with the seconds to `wait`, or the reason of the
   * signal where it is aborted before the turn.
   */
  enter(caller: string, refusals: number, signal?: AbortSignal): Promise<(() => void) | null>;
  /** Ends the waiting of a caller, which no longer belongs into the lane. */
  release(caller: string): void;
}

interface Waiting {
  readonly caller: string;
  readonly refusals: number;
  readonly begin: (end: (() => void) | null) => void;
}

/** Returns a lane; times are those of performance.now(). */
export function createSlowLane({ share, maxRestMs, maxWaitMs }: SlowLaneLimits): SlowLane {
  const queue: Waiting[] = [];
  let isBusy = false;
  let restMs = 0;
  let restsUntil = Number.NEGATIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const restLeft = () => Math.max(0, restsUntil - performance.now());

  function startNext(): void {
    clearTimeout(timer);
    if (isBusy || queue.length === 0) return;
    if (restLeft() > 0) {
      timer = setTimeout(startNext, restLeft());
      return;
    }
    isBusy = true;
    const started = performance.now();
    queue.shift()?.begin(() => {
      const now = performance.now();
      restMs = restAfter(now - started, { share, maxRestMs });
      restsUntil = now + restMs;
      isBusy = false;
      startNext();
    });
  }

  /** Takes it out of the queue; returns its place there, or -1 where it has begun. */
  function leave(one: Waiting): number {
    const place = queue.indexOf(one);
    if (place === -1) return place;
    queue.splice(place, 1);
    // An empty queue waits for nothing.
    startNext();
    return place;
  }

  return {
    async enter(caller, refusals, signal) {
      signal?.throwIfAborted();
      const turn = Promise.withResolvers<(() => void) | null>();
      const one = { caller, refusals, begin: turn.resolve };
      queue.splice(placeFor(refusals, queue), 0, one);
      const expiry = setTimeout(() => {
        const place = leave(one);
        if (place !== -1) turn.reject(tooManyError(restLeft() + place * restMs));
      }, maxWaitMs);
      const abort = () => {
        if (leave(one) !== -1) turn.reject(signal?.reason);
      };
      signal?.addEventListener('abort', abort);
      startNext();
      try {
        return await turn.promise;
      } finally {
        clearTimeout(expiry);
        signal?.removeEventListener('abort', abort);
      }
    },
    release(caller) {
      for (const one of queue.filter((waiting) => waiting.caller === caller)) {
        leave(one);
        one.begin(null);
      }
    },
  };
}

/** Returns the place in the queue: behind those with as many refusals, ahead of those with more. */
export function placeFor(refusals: number, queue: readonly { readonly refusals: number }[]): number {
  const place = queue.findIndex((one) => one.refusals > refusals);
  return place === -1 ? queue.length : place;
}

/** Returns the rest with which a turn of `turnMs` takes its share of the time. */
export const restAfter = (turnMs: number, { share, maxRestMs }: Pick<SlowLaneLimits, 'share' | 'maxRestMs'>): number =>
  Math.min(maxRestMs, turnMs * (1 / share - 1));

function tooManyError(waitMs: number): NarrowsError {
  const seconds = Math.max(1, Math.ceil(waitMs / 1000));
  const message = 'the last upload of this caller was refused, and others of such callers are read first';
  return Object.assign(new NarrowsError('too-many-uploads', message, { fix: `try again in ${seconds} s` }), { wait: seconds });
}
