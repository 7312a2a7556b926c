/**
 * Runs the whole demo in an empty folder and checks what the README promises. Its scores are
 * compared with known scores of the methods.
 */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Comparison } from '../../models/evaluation/comparison.ts';
import type { Method } from '../../models/methods/catalogue.ts';
import { type Answer, type Project, project } from '../support/command.ts';

/** Starts a demo, which ends with the test. `reached`: its output matches, or it has ended. */
function start(t: TestContext, it: Project, options: readonly string[], output: RegExp) {
  const interrupt = new AbortController();
  t.after(() => interrupt.abort());
  const matched = Promise.withResolvers<void>();
  const ended = it.narrows(['demo', ...options], {
    interrupt: interrupt.signal,
    onOutput: (text) => output.test(text) && matched.resolve(),
  });
  return {
    reached: Promise.race([matched.promise, ended]),
    interrupt(): Promise<Answer> {
      interrupt.abort();
      return ended;
    },
  };
}

test('an interrupted demo leaves no process; the next one resumes and completes the comparison', async (t) => {
  await using it = project();
  const interrupted = await it.narrows(['demo'], { signal: 'SIGINT', after: /[1-9]\d* of 98 trials/ });
  assert.equal(interrupted.code, 130, interrupted.stderr);
  const { state, leftBehind } = await it.json<{ state: string; leftBehind: string[] }>(['status']);
  assert.deepEqual([state, leftBehind], ['down', []]);

  const comparison = await it.json<Comparison>(['demo']);
  const at = (method: Method, k: number) => {
    const row = comparison.rows.find((one) => one.method === method && one.k === k);
    assert.ok(row, `${method} at ${k}`);
    return row.coveredVariance;
  };
  const emulator = comparison.baselines.find(({ name }) => name === 'emulator')?.coveredVariance ?? 0;
  assert.ok(emulator >= 0.995, `emulator: ${emulator}`);
  for (const method of ['ednn', 'nnca'] as const) assert.ok(at(method, 2).mean >= 0.99, `${method} at 2: ${at(method, 2).mean}`);
  assert.ok(at('ednn', 1).mean >= 0.75, `EDNN at 1: ${at('ednn', 1).mean}`);
  assert.ok(at('ednn', 1).low > at('nnca', 1).high && at('nnca', 1).low > at('eca', 1).high);
  assert.ok(existsSync(join(it.directory, '.narrows', 'demo.svg')));

  // Results persist. --stay keeps the servers running, so that the pages can be opened.
  const staying = start(t, it, ['--stay'], /Ctrl-C stops everything/);
  await staying.reached;
  const again = await it.json<Comparison>(['demo']);
  assert.deepEqual(again, comparison, 'a second demo shows the same sweep');
  const rows = await it.json<{ trialId: string }[]>(['results', 'demo']);
  assert.equal(new Set(rows.map(({ trialId }) => trialId)).size, 98);

  // --fresh starts another sweep of the same name.
  const fresh = start(t, it, ['--fresh'], /[1-9]\d* of 98 trials/);
  await fresh.reached;
  assert.equal((await it.json<{ name: string }[]>(['sweep', 'ls'])).filter(({ name }) => name === 'demo').length, 2);
  const refreshed = await fresh.interrupt();
  assert.equal(refreshed.code, 130, refreshed.stderr);
  assert.equal((await it.json<{ state: string }>(['status'])).state, 'up', 'the servers of the other one run on');

  const stayed = await staying.interrupt();
  assert.equal(stayed.code, 130, stayed.stderr);
  assert.match(stayed.stderr, /http:\/\/127\.0\.0\.1:\d+\/sweeps\/demo/);
  assert.equal((await it.json<{ state: string }>(['status'])).state, 'down');
});
