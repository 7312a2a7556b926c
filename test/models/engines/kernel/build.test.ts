import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { COMPILER, compileKernel, findCompiler } from '../../../../models/engines/kernel/build.ts';
import { BUILDS } from '../../../../models/engines/kernel/loader.ts';

const skip = findCompiler() === null && `${COMPILER} is not installed`;

for (const build of BUILDS) {
  test(`${build}.wasm is what its source compiles to, byte for byte`, { skip }, () => {
    const committed = readFileSync(new URL(`../../../../models/engines/kernel/${build}.wasm`, import.meta.url));
    assert.ok(Buffer.from(compileKernel(build)).equals(committed), 'run "npm run build:kernel" and commit the result');
  });
}
