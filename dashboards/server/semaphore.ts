/** Limits of concurrent work that are fair to callers. */

interface SemaphoreLimits {
  /** Tasks that run at once. */
  readonly total: number;
  /** Tasks of one key that run at once; default: `total`. */
  readonly perKey?: number;
}

export type Semaphore = <T>(key: string, task: () => Promise<T>) => Promise<T>;

/** Returns a function that runs tasks within the limits; keys with waiting tasks take turns. */
export function createSemaphore({ total, perKey = total }: SemaphoreLimits): Semaphore {
  /** Waiting tasks by key; the keys in the order of their turns. */
  const waiting = new Map<string, (() => void)[]>();
  const running = new Map<string, number>();
  let free = total;
  const startNext = () => {
    for (const [key, queue] of waiting) {
      if (free === 0) return;
      if ((running.get(key) ?? 0) >= perKey) continue;
      const [start, ...others] = queue;
      waiting.delete(key);
      if (others.length > 0) waiting.set(key, others);
      free -= 1;
      running.set(key, (running.get(key) ?? 0) + 1);
      start?.();
    }
  };
  const release = (key: string) => {
    free += 1;
    const left = (running.get(key) ?? 1) - 1;
    if (left === 0) running.delete(key);
    else running.set(key, left);
    startNext();
  };
  return async (key, task) => {
    await new Promise<void>((resolve) => {
      const queue = waiting.get(key);
      if (queue) queue.push(resolve);
      else waiting.set(key, [resolve]);
      startNext();
    });
    try {
      return await task();
    } finally {
      release(key);
    }
  };
}
