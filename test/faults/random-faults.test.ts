/**
 * Kills, stops and stalls the processes of a stack at random moments of a sweep, which must end
 * with the rows and bits of an undisturbed one. `npm run soak:faults` does so for longer.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { drawFaults, type FaultBench, startFaultBench } from './random-faults.ts';

const FAULTS = 3;

let bench: FaultBench;
before(async () => {
  bench = await startFaultBench(24);
});
after(() => bench?.[Symbol.asyncDispose]());

for (const seed of [1, 2]) {
  test(`faults of seed ${seed}`, async (t) => {
    const faults = drawFaults(seed, FAULTS, bench.trials);
    t.diagnostic(faults.map(({ kind, process, after: ended }) => `${kind} ${process} after ${ended} trials`).join(', '));
    const { compared, lost, duplicated, different } = await bench.run(`seed-${seed}`, faults);
    assert.ok(compared > bench.trials, 'every trial, and baselines');
    assert.deepEqual({ lost, duplicated, different }, { lost: 0, duplicated: 0, different: 0 });
  });
}

test('no process is left', { skip: process.platform === 'linux' ? false : 'it reads /proc' }, async () => {
  assert.equal(await bench.stop(), 0);
});
