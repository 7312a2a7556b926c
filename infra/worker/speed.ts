/** The speed of a trainer, as measured on what it trains. */
import type { EngineObserver } from './observed-engine.ts';

/** Time of training that a speed is the mean of: older speed counts less and less. */
const MEMORY_SECONDS = 600;

/** Less training than this says nothing yet: engines start their threads, and compile. */
const LEAST_SECONDS = 1;

export interface SpeedMeter extends EngineObserver {
  /**
   * Returns the floating-point operations per second, over the time in which packs were trained;
   * null before there was enough of it.
   */
  flopsPerSecond(): number | null;
}

/** Creates a meter; `now` returns ms of a clock that never goes back. */
export function createSpeedMeter(now: () => number = () => performance.now()): SpeedMeter {
  let [flops, seconds, packs, since] = [0, 0, 0, 0];
  /** Adds the time since the last call, if packs were trained in it. */
  const pass = () => {
    const at = now();
    if (packs > 0) seconds += (at - since) / 1000;
    since = at;
    if (seconds <= MEMORY_SECONDS) return;
    flops *= MEMORY_SECONDS / seconds;
    seconds = MEMORY_SECONDS;
  };
  return {
    onPack(isBeginning) {
      pass();
      packs += isBeginning ? 1 : -1;
    },
    onTrained(epochs) {
      pass();
      flops += epochs.flops;
    },
    flopsPerSecond() {
      pass();
      return seconds < LEAST_SECONDS || flops === 0 ? null : flops / seconds;
    },
  };
}
