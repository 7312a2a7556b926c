/** Finished sweeps on two dataset versions and a running one, shared by tests of read routes. */
import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { OpenAPIHono } from '@hono/zod-openapi';
import { saveComparison } from '../../../../db/queries/sweeps/comparison.ts';
import { setSweepState } from '../../../../db/queries/sweeps/sweeps.ts';
import { dropWorseModels } from '../../../../db/queries/trials/models.ts';
import { compareSweeps } from '../../../../operations/compare.ts';
import { type ApiClient, createApiClient } from '../api-client.ts';
import { type ApiHarness, startApiHarness } from '../harness.ts';
import { type SeededSweep, seedDataset, seedSweep, smallSpec } from '../seed-sweeps.ts';

export const OTHER_VERSION = 'decade'.padEnd(64, '0');
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i);

export interface FinishedSweeps extends ApiClient {
  readonly harness: () => ApiHarness;
  /** `first`: finished; `twin` has the same rows and other seeds, `elsewhere` another version. */
  readonly sweep: () => SeededSweep;
  /** `run`: not finished. */
  readonly running: () => SeededSweep;
}

/** Seeds the sweeps before the tests of a file, and checks afterwards that no error was logged. */
export function useFinishedSweeps(): FinishedSweeps {
  let harness: ApiHarness;
  let app: OpenAPIHono;
  let sweep: SeededSweep;
  let running: SeededSweep;
  before(async () => {
    harness = await startApiHarness();
    app = harness.app();
    const { sql } = harness.db;
    const { blobs } = harness.dependencies;
    await seedDataset(sql, blobs, OTHER_VERSION);
    await seedDataset(sql, blobs);
    sweep = await seedSweep(sql, blobs, 'sfirst', smallSpec({ name: 'first' }));
    const twin = await seedSweep(sql, blobs, 'stwin', smallSpec({ name: 'twin', seeds: [6, 7, 8, 9, 10] }));
    const elsewhere = await seedSweep(sql, blobs, 'selse', smallSpec({ name: 'elsewhere' }), OTHER_VERSION);
    for (const one of [sweep, twin, elsewhere]) {
      await one.record(...range(0, 100));
      await dropWorseModels(sql, one.id);
      await saveComparison(sql, one.id, await compareSweeps({ sql }, [one.id]));
      await setSweepState(sql, one.id, 'completed');
    }
    running = await seedSweep(sql, blobs, 'srun', smallSpec({ name: 'run' }));
    await running.record(...range(0, 40));
  });
  after(async () => {
    assert.deepEqual(harness.logged, [], 'no internal errors');
    await harness?.[Symbol.asyncDispose]();
  });
  return { harness: () => harness, sweep: () => sweep, running: () => running, ...createApiClient(() => app) };
}
