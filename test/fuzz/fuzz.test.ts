/** A short campaign over every target; `npm run soak:fuzz` is the long one. */
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkInBox } from '../../datasets/box/box.ts';
import { withScratch } from '../../datasets/files/scratch.ts';
import { runCampaign } from './campaign.ts';
import { buildDatasets } from './datasets.ts';
import { buildTargets, inputOf, writeInput } from './targets.ts';

/** Another seed finds other faults; this one repeats. */
const SEED = 17;
const INPUTS = 600;

test('every dataset from which inputs are mutated is valid', async (t) => {
  const root = mkdtempSync(join(tmpdir(), 'narrows-fuzz-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, files] of await buildDatasets()) {
    const folder = join(root, name);
    writeInput(files, folder);
    await withScratch(root, (scratch) => checkInBox(folder, scratch));
  }
});

test('an input follows from its seed, target and number', async () => {
  for (const target of await buildTargets()) {
    const [first, second] = await Promise.all([1, 2].map(async () => inputOf(target, SEED, 5)));
    assert.deepEqual(first, second, target.name);
    assert.notDeepEqual(inputOf(target, SEED, 6), first, target.name);
  }
});

test('hostile inputs are read or refused, by every reader and route', async (t) => {
  const kept = mkdtempSync(join(tmpdir(), 'narrows-fuzz-'));
  const { inputs, findings } = await runCampaign({ seed: SEED, inputs: INPUTS, processes: 2, kept });
  assert.equal(inputs, INPUTS);
  assert.deepEqual(findings, []);
  t.after(() => rmSync(kept, { recursive: true, force: true }));
});
