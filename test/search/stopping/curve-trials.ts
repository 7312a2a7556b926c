import type { RungCurve } from '../../../search/stopping/rung.ts';

/** Curves of one cell in shorthand: the hash of a configuration, and a curve for each seed. */
export function curvesOf(
  rows: readonly [hash: string, ...curves: (readonly number[])[]][],
  more: Partial<RungCurve> = {},
): RungCurve[] {
  let index = 0;
  return rows.flatMap(([configurationHash, ...curves]) =>
    curves.map((curve): RungCurve => {
      const trial = { index: index++, cell: 'ednn/2', partition: 0, configurationHash };
      return { ...trial, curve, decided: null, ...more };
    }),
  );
}

export const context = (epochs: number) => ({ rung: 0, epochs, pointOf: (index: number) => index });
