/** Sweeps that search for the smallest width that suffices, by commands on real servers. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ResultRow } from '../../db/queries/trials/results.ts';
import type { SweepStatus } from '../../operations/sweeps/status.ts';
import type { WidthAnswer } from '../../search/widths/answer.ts';
import { type Project, project } from '../support/command.ts';
import { WATER } from '../support/water.ts';

const specOf = (name: string, k: string) => `
name: ${name}
dataset: water
target: xes
space: { k: ${k}, hidden: [24, 16], learningRate: { choice: [0.02, 0.01] } }
seeds: 2
training: { epochs: 8, batch: 128 }
`;

let it: Project;
let searched: SweepStatus;
before(async () => {
  it = project();
  await it.json(['data', 'import', WATER]);
  for (const [name, k] of [
    ['searched', '{ auto: { margin: 0.02 } }'],
    ['exhaustive', '[1, 2, 3]'],
  ] as const)
    writeFileSync(join(it.directory, `${name}.yaml`), specOf(name, k));
  searched = await it.json<SweepStatus>(['sweep', 'start', 'searched.yaml', '--watch']);
  assert.equal((await it.json<SweepStatus>(['sweep', 'start', 'exhaustive.yaml', '--watch'])).state, 'completed');
});
after(() => it[Symbol.asyncDispose]());

const scoresOf = (sweep: string) => it.json<ResultRow[]>(['results', sweep, '--split', 'validation']);

/** Returns rows without what differs between sweeps and runs. */
const plain = ({ trialId: _, sweepId: __, seconds: ___, ...row }: ResultRow) => row;

/** Returns the smallest sufficient width among the scores of all. */
function smallestOf(rows: readonly ResultRow[], { method, full, margin }: WidthAnswer): number | null {
  const own = rows.filter((row) => row.method === method);
  const meanAt = (k: number): number => {
    const configurations = Map.groupBy(
      own.filter((row) => row.k === k),
      ({ config }) => JSON.stringify(config),
    );
    return Math.max(
      ...[...configurations.values()].map(
        (trials) => trials.reduce((sum, { coveredVariance }) => sum + (coveredVariance ?? 0), 0) / trials.length,
      ),
    );
  };
  return [1, 2, 3].find((k) => meanAt(k) >= (full ?? 0) - margin) ?? null;
}

describe('a search for widths', { concurrency: false }, () => {
  test('has the answers of the sweep of all widths, from fewer trials', async () => {
    const { state, counts, sufficientWidths = [] } = searched;
    assert.equal(state, 'completed');
    assert.equal(counts.completed + counts.leftOut, counts.planned);
    assert.ok(counts.leftOut > 0, 'widths are left out');
    const rows = await scoresOf('exhaustive');
    assert.deepEqual(
      sufficientWidths.map(({ method, k }) => [method, k]),
      sufficientWidths.map((answer) => [answer.method, smallestOf(rows, answer)]),
    );
    assert.deepEqual(
      sufficientWidths.map(({ method }) => method),
      ['ednn', 'eca', 'nnca'],
    );
    for (const { k, low, high, max, coveredVariance, full } of sufficientWidths) {
      assert.ok(k !== null && low <= k && k <= (high ?? max));
      assert.ok((coveredVariance ?? 0) >= (full ?? 1) - 0.02);
    }
  });

  test('its trials are those of the sweep of all widths, bit for bit', async () => {
    const [own, all] = await Promise.all([scoresOf('searched'), scoresOf('exhaustive')]);
    const known = new Set(all.map((row) => JSON.stringify(plain(row))));
    assert.ok(own.length > 0 && own.length < all.length);
    for (const row of own) assert.ok(known.has(JSON.stringify(plain(row))), row.trialId);
  });

  test('commands say what was found', async () => {
    const sentence = /EDNN: (one number is|\d numbers are) enough \(95 % interval: .+; tried k = 1/;
    for (const command of [
      ['sweep', 'show', 'searched'],
      ['compare', 'searched'],
      ['results', 'searched'],
      ['report', 'searched'],
    ]) {
      const { code, stdout, stderr } = await it.narrows(command);
      assert.equal(code, 0, stderr);
      assert.match(stdout + stderr, sentence, command.join(' '));
    }
    const shown = await it.json<SweepStatus>(['sweep', 'show', 'searched']);
    const compared = await it.json<{ sufficientWidths: WidthAnswer[] }>(['compare', 'searched']);
    assert.deepEqual(
      compared.sufficientWidths,
      shown.sufficientWidths?.map((answer) => ({ sweepId: shown.sweepId, ...answer })),
    );
    const { sufficientWidths } = await it.json<{ sufficientWidths?: unknown }>(['sweep', 'show', 'exhaustive']);
    assert.equal(sufficientWidths, undefined);
  });

  test('the API has the same answers', async () => {
    const { dashboards } = await it.json<{ dashboards: string }>(['status']);
    const answer = await fetch(`${dashboards}/api/sweeps/searched`);
    const { sufficientWidths } = (await answer.json()) as SweepStatus;
    assert.deepEqual(sufficientWidths, searched.sufficientWidths);
  });

  test('what is stored passes the checks', async () => {
    const { code, stdout, stderr } = await it.narrows(['verify']);
    assert.equal(code, 0, stdout + stderr);
    const again = await it.narrows(['sweep', 'plan', 'searched.yaml']);
    assert.match(again.stdout, /widths: searches 1 to 3 for the smallest that suffices/);
  });

  test('a maximum above the descriptors is refused', async () => {
    writeFileSync(join(it.directory, 'wide.yaml'), specOf('wide', '{ auto: { max: 9 } }'));
    const { code, stderr } = await it.narrows(['sweep', 'plan', 'wide.yaml']);
    assert.equal(code, 2);
    assert.match(stderr, /space\.k: k = 9 is more than the 3 descriptors that vary/);
  });
});
