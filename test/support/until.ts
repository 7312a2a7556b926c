/** Longer than any machine needs under load; a test that reaches it has failed. */
const LIMIT_MS = 180_000;
/** Pause between checks: a tenth of the time waited, so that long waits cost little. */
const [SHORTEST_MS, LONGEST_MS, SHARE] = [20, 200, 0.1];

/** Polls a condition at growing intervals until it holds; throws after three minutes. */
export async function until(holds: () => boolean | Promise<boolean>, what: string | (() => string)): Promise<void> {
  const start = performance.now();
  while (!(await holds())) {
    const waited = performance.now() - start;
    if (waited > LIMIT_MS) throw new Error(`not within ${LIMIT_MS / 1000} s: ${typeof what === 'string' ? what : what()}`);
    const pause = Math.min(LONGEST_MS, Math.max(SHORTEST_MS, SHARE * waited));
    await new Promise((resolve) => setTimeout(resolve, pause));
  }
}
