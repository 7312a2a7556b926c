import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { compileKernel } from '../../../../models/engines/kernel/build.ts';
import { BUILDS, fileOf } from '../../../../models/engines/kernel/loader.ts';
import { prepareCompiler } from '../../../support/programs/compiler.ts';

const skip = await prepareCompiler();

for (const build of BUILDS) {
  test(`${build} is what its source compiles to, byte for byte`, { skip }, () => {
    assert.ok(
      Buffer.from(compileKernel(build)).equals(readFileSync(fileOf(build))),
      'run "npm run build:kernel" and commit the result',
    );
  });
}
