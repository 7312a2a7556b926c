import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CURVE_SET_NAMES, EPOCHS, readCurves } from '../../../bench/search/curves.ts';
import { replay } from '../../../bench/search/replay.ts';
import { shuffle, stream } from '../../../models/random.ts';
import { boundFinalScore, extrapolate, FEWEST_EPOCHS } from '../../../search/stopping/extrapolation.ts';
import type { RungCurve } from '../../../search/stopping/rung.ts';
import { context, curvesOf } from './curve-trials.ts';

/** Scores 1 - scale n^-rate after n = 1 .. epochs, with normal errors of the logarithm. */
function powerCurve(
  epochs: number,
  { scale, rate, noise = 0, seed = 1 }: Record<'scale' | 'rate', number> & { noise?: number; seed?: number },
) {
  const { normal } = stream(seed, 'power curve');
  return Array.from({ length: epochs }, (_, i) => 1 - scale * (i + 1) ** -rate * Math.exp(noise * normal()));
}

describe('the bound of a final score', () => {
  test('is the final score of a curve without noise', () => {
    for (const [scale, rate] of [
      [0.8, 0.5],
      [3, 1.2],
      [0.2, 0.01],
    ] as const) {
      const bound = boundFinalScore(powerCurve(10, { scale, rate }), 40, 3);
      assert.ok(Math.abs(bound - (1 - scale * 40 ** -rate)) < 1e-6, `${bound}`);
    }
  });

  test('is exceeded about as often as a normal deviate exceeds so many deviations', () => {
    const draws = 4000;
    for (const [deviations, most] of [
      [1, 0.2],
      [2, 0.05],
      [3, 0.01],
    ] as const) {
      let exceeded = 0;
      for (let seed = 1; seed <= draws; seed++) {
        const curve = powerCurve(40, { scale: 0.5, rate: 0.6, noise: 0.2, seed });
        if ((curve[39] as number) > boundFinalScore(curve.slice(0, 12), 40, deviations)) exceeded++;
      }
      const share = exceeded / draws;
      // Student's t of ten degrees of freedom: 0.17, 0.037 and 0.0067.
      assert.ok(share <= most && share > most / 5, `${deviations} deviations: ${share}`);
    }
  });

  test('rises with noise, with the deviations and with the epochs ahead', () => {
    const [quiet, noisy] = [0.05, 0.3].map((noise) => powerCurve(10, { scale: 0.5, rate: 0.6, noise })) as [number[], number[]];
    assert.ok(boundFinalScore(noisy, 40, 2) > boundFinalScore(quiet, 40, 2));
    assert.ok(boundFinalScore(noisy, 40, 3) > boundFinalScore(noisy, 40, 2));
    assert.ok(boundFinalScore(noisy, 80, 2) > boundFinalScore(noisy, 40, 2));
  });

  test('is 1 for a curve that is too short, and finite for scores that are not, or perfect', () => {
    assert.equal(boundFinalScore([0.1, 0.2, 0.3, 0.4], 40, 3), 1);
    assert.equal(boundFinalScore([Number.NEGATIVE_INFINITY, 0.1, 0.2, 0.3, 0.4], 40, 3), 1);
    assert.ok(Number.isFinite(boundFinalScore([Number.NEGATIVE_INFINITY, ...powerCurve(9, { scale: 1, rate: 1 })], 40, 3)));
    const perfect = boundFinalScore([0.5, 0.9, 1, 1, 1, 1], 40, 3);
    assert.ok(perfect > 0.999 && perfect <= 1, `${perfect}`);
  });
});

describe('decisions', () => {
  const decide = (curves: readonly RungCurve[], epochs = 40) =>
    extrapolate.decide({ rungs: 4, deviations: 3 }, curves, context(epochs));
  const [good, steep, flat] = [
    powerCurve(10, { scale: 0.3, rate: 0.5 }),
    powerCurve(10, { scale: 2, rate: 1.2 }),
    powerCurve(10, { scale: 0.3, rate: 0.05 }),
  ] as const;

  test('a curve that is behind and cannot catch up stops, one that may goes on', () => {
    const curves = curvesOf([
      ['a', good],
      ['b', steep],
      ['c', flat],
    ]);
    assert.ok((steep[9] as number) < (good[9] as number));
    assert.deepEqual(decide(curves), { promoted: [0, 1], pruned: [2] });
    assert.deepEqual(decide(curves.toReversed()), { promoted: [0, 1], pruned: [2] });
    // With no time left for it to catch up, it stops too.
    assert.deepEqual(decide(curves, 11), { promoted: [0], pruned: [1, 2] });
  });

  test('the best so far goes on, however its curve falls', () => {
    const falling = good.toReversed();
    assert.deepEqual(
      decide(
        curvesOf([
          ['a', falling],
          ['b', flat],
        ]),
      ),
      { promoted: [0], pruned: [1] },
    );
  });

  test('bounds of seeds are averaged, and seeds share a fate', () => {
    assert.deepEqual(
      decide(
        curvesOf([
          ['a', good, good],
          ['b', flat, flat],
          ['c', steep, flat],
          ['d', steep],
        ]),
      ),
      { promoted: [0, 1], pruned: [2, 3, 4, 5, 6] },
    );
  });

  test('a completed trial sets the bar, and its bound is its score', () => {
    const done = curvesOf([['a', [0.1, 0.96]]], { decided: 'completed' });
    const running = curvesOf([
      ['b', good],
      ['c', steep],
    ]).map((one) => ({ ...one, index: one.index + 1 }));
    assert.ok(0.96 > boundFinalScore(good, 40, 3));
    assert.deepEqual(decide([...done, ...running]), { promoted: [2], pruned: [1] });
  });

  test('a seed that completed is not extrapolated: its sibling is judged with the score that it has', () => {
    const level = Array.from({ length: 10 }, () => 0.87);
    const curves = curvesOf([
      ['a', good, good],
      ['b', steep, level],
    ]);
    assert.deepEqual(decide(curves), { promoted: [0, 1, 2, 3], pruned: [] });
    const ended = curves.map((one) => (one.index === 2 ? { ...one, decided: 'completed' as const } : one));
    assert.deepEqual(decide(ended), { promoted: [0, 1], pruned: [3] });
  });

  test('a first rung with too few epochs is refused', () => {
    const faults = (settings: { rungs: number; grace?: number }, epochs: number) => [
      ...extrapolate.check({ ...settings, deviations: 3 }, epochs),
    ];
    assert.deepEqual(faults({ rungs: 4 }, 4 * FEWEST_EPOCHS), []);
    assert.deepEqual(
      [faults({ rungs: 4 }, 12), faults({ rungs: 4, grace: 3 }, 40)].map((of) => of.map(({ path, message }) => [path, message])),
      [
        [['stopping.extrapolate.rungs', 'the first rung ends after epoch 3, and a curve is extrapolated from at least 5 epochs']],
        [['stopping.extrapolate.grace', 'the first rung ends after epoch 3, and a curve is extrapolated from at least 5 epochs']],
      ],
    );
    assert.deepEqual(
      faults({ rungs: 4, grace: 40 }, 40).map(({ path }) => path),
      ['stopping.extrapolate.grace'],
    );
  });
});

describe('on curves that the engine trained', () => {
  const settings = { kind: 'extrapolate', rungs: 4, deviations: 3 } as const;
  for (const name of CURVE_SET_NAMES) {
    test(`${name}: the eventually best of 24 configurations is rarely stopped, and time is saved`, () => {
      const curves = readCurves(name).filter((curve) => curve !== null);
      assert.ok(curves.length >= 60);
      const draws = Array.from({ length: 100 }, (_, draw) => {
        const order = shuffle(Uint32Array.from(curves.keys()), 1, 'configurations', draw);
        return replay(
          [...order.subarray(0, 24)].map((i) => curves[i] as number[]),
          settings,
          EPOCHS,
        );
      });
      const lost = draws.filter(({ regret }) => regret > 0).length;
      const share = draws.reduce((sum, one) => sum + one.share, 0) / draws.length;
      assert.ok(lost <= 5, `stopped the best in ${lost} of 100 draws`);
      assert.ok(share < 0.97, `trained ${share} of the epochs`);
    });
  }
});
