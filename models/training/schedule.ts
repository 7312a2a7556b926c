export const SCHEDULES = ['one-cycle', 'cosine', 'step', 'constant'] as const;
export type ScheduleName = (typeof SCHEDULES)[number];

/**
 * Returns the learning rate at `step` of 0 .. `steps` - 1 over all rungs, at most `peak`; `warmUp`:
 * the share of the steps before the peak, of one-cycle alone.
 */
export function learningRateAt(schedule: ScheduleName, step: number, steps: number, peak: number, warmUp: number): number {
  switch (schedule) {
    case 'one-cycle':
      return oneCycle(step, steps, peak, warmUp);
    case 'cosine':
      return peak * (1 - rise(step / steps));
    case 'step':
      // A tenth after a half, a hundredth after three quarters (as in He et al. 2016, arXiv
      // 1512.03385).
      return peak / 10 ** (Number(step >= steps / 2) + Number(step >= (3 * steps) / 4));
    case 'constant':
      return peak;
  }
}

/** The first rate is the peak divided by this. */
const START = 25;

/**
 * One-cycle learning rate (Smith and Topin 2018, arXiv 1708.07120): from peak/25 up to the peak
 * over the first share `warmUp` of the steps, then down to nearly zero, both along a cosine. `step`
 * counts from 0, `steps` is the whole training, over all rungs.
 */
export function oneCycle(step: number, steps: number, peak: number, warmUp: number): number {
  const top = warmUp * steps;
  if (step < top) return peak * (1 / START + (1 - 1 / START) * rise(step / top));
  return peak * (1 - rise((step - top) / Math.max(1, steps - top)));
}

/** 0 -> 1 along half a cosine. */
const rise = (share: number) => (1 - Math.cos(Math.PI * Math.min(1, share))) / 2;
