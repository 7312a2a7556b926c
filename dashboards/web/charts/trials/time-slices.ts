/**
 * Time slicing of long drawings: input and other views run in between, and a newer drawing cancels
 * an older one.
 */

/** Milliseconds of a slice: below what an eye takes for a stutter. */
const SLICE = 24;

const channel = typeof MessageChannel === 'undefined' ? null : new MessageChannel();
const waiting: (() => void)[] = [];
if (channel) channel.port1.onmessage = () => waiting.shift()?.();

/** A task of its own, without the 4 ms that a nested timer waits. */
function soon(run: () => void): void {
  if (!channel) {
    setTimeout(run, 0);
    return;
  }
  waiting.push(run);
  channel.port2.postMessage(null);
}

/** Runs the steps, a slice at a time, each in a task of its own. Returns what ends it early. */
export function runInSlices(steps: Iterator<unknown>, done?: () => void): () => void {
  let ended = false;
  const run = () => {
    const until = performance.now() + SLICE;
    while (!ended) {
      if (steps.next().done) {
        ended = true;
        done?.();
        return;
      }
      if (performance.now() >= until) {
        soon(run);
        return;
      }
    }
  };
  soon(run);
  return () => {
    ended = true;
  };
}
