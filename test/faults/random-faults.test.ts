/**
 * Disturbs a stack at random moments of a sweep, which must end with the rows and bits of an
 * undisturbed one. `npm run soak:faults` does so for longer.
 */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { describeFault, drawFaults, KINDS } from './draw-faults.ts';
import { type FaultBench, startFaultBench } from './random-faults.ts';

/**
 * A seed with every kind, kills of nearly every process, a clock of Postgres that goes ahead by
 * more than a day, and repeated activities from the beginning on.
 */
const [SEED, FAULTS] = [3872, 12];

let bench: FaultBench;
before(async () => {
  bench = await startFaultBench(48);
});
after(() => bench?.[Symbol.asyncDispose]());

test('faults of every kind', async (t) => {
  const faults = drawFaults(SEED, FAULTS, bench.trials);
  assert.deepEqual(new Set(faults.map(({ kind }) => kind)), new Set(KINDS));
  if (!bench.stack.hasClocks) t.diagnostic('no clock is set: this machine has no C compiler');
  const { compared, lost, duplicated, different, repeated } = await bench.run('disturbed', faults, (fault, isRunning) =>
    t.diagnostic(`${describeFault(fault)}${isRunning ? '' : ', at its end'}`),
  );
  assert.ok(compared > bench.trials, 'every trial, and baselines');
  assert.deepEqual({ lost, duplicated, different }, { lost: 0, duplicated: 0, different: 0 });
  // Attempts that other faults ended are not repeated: which types are is a matter of moments.
  assert.ok(repeated.length > 0, 'activities were delivered twice');
  t.diagnostic(`delivered twice: ${repeated.join(', ')}`);
});

test('no process is left', { skip: process.platform === 'linux' ? false : 'it reads /proc' }, async () => {
  assert.equal(await bench.stack.stop(), 0);
});
