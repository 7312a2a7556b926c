import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { bundleWorkflows } from '../../workflows/harness.ts';

test('the workflow bundle holds no validation, no activity code and no storage', async () => {
  const { codePath } = await bundleWorkflows();
  const code = readFileSync(codePath, 'utf8');
  const modules = [...code.matchAll(/^\s*\/\*{3}\/ "\.\/([^"]+)"/gm)].map(([, path]) => path ?? '');
  const ours = modules.filter((path) => !path.includes('node_modules'));
  assert.ok(
    ours.some((path) => path.endsWith('workflows/sweep.ts')),
    `modules are listed: ${ours.join(', ')}`,
  );
  for (const path of ours) {
    assert.doesNotMatch(path, /^(activities|db|infra|datasets|models|cli)\//, 'workflows reach activities by type only');
  }
  assert.deepEqual(
    modules.filter((path) => /node_modules\/(zod|postgres|drizzle-orm)\//.test(path)),
    [],
  );
  assert.ok(code.length < 3_000_000, `${code.length} characters: every worker loads it, every history is replayed with it`);
});
