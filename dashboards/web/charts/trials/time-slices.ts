/** Time slicing of long drawings: input and other views run in between. */

/** Milliseconds of a slice: below what an eye takes for a stutter. */
const SLICE = 24;

const { port1, port2 } = new MessageChannel();
const waiting: (() => void)[] = [];
port1.onmessage = () => waiting.shift()?.();

/** A task of its own, without the 4 ms that a nested timer waits. */
function soon(run: () => void): void {
  waiting.push(run);
  port2.postMessage(null);
}

interface Drawn {
  readonly rows: number;
  readonly known: number;
}

/**
 * Runs the steps of a drawing, a slice at a time, each in a task of its own, and measures it: the
 * last one of each view is kept as `draw parallel`, `draw scatter`, … Returns what ends it early.
 */
export function drawInSlices(view: string, { rows, known }: Drawn, steps: Iterator<unknown>): () => void {
  const start = performance.now();
  const name = `draw ${view}`;
  let ended = false;
  const run = () => {
    const until = performance.now() + SLICE;
    while (!ended) {
      if (steps.next().done) {
        performance.clearMeasures(name);
        performance.measure(name, { start, end: performance.now(), detail: { rows, known } });
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
