import assert from 'node:assert/strict';
import { test } from 'node:test';
import { omittedPackages } from '../../../infra/images/contents.ts';
import { importsOf, readSource } from '../../house/sources.ts';

/** Modules of which a trainer consists; it loads the last one when it has read its options. */
const TRAINER = ['cli/main.ts', 'cli/commands/worker.ts', 'infra/worker/worker.ts'];

test("the trainer's image has every package that a trainer loads when it starts", () => {
  const files = new Set(TRAINER);
  const packages = new Set<string>();
  for (const file of files) {
    for (const { target, isLocal, typesOnly, isDynamic } of importsOf(file, readSource(file))) {
      if (!typesOnly && !isDynamic) (isLocal ? files : packages).add(target);
    }
  }
  assert.ok(packages.has('@temporalio/worker'));
  const omitted = omittedPackages('trainer');
  assert.deepEqual(
    [...packages].filter((name) => omitted.has(name)),
    [],
  );
});
