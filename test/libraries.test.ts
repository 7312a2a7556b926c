import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { BUNDLED, bundleOf, useBundledLibraries } from '../libraries.ts';
import { buildLibraries } from './support/modules/libraries.ts';

buildLibraries();
const originals = new Map<string, object>();
for (const library of BUNDLED) originals.set(library, await import(library));
useBundledLibraries();

for (const library of BUNDLED) {
  test(`${library} is loaded from one file, and exports the same`, async () => {
    assert.equal(import.meta.resolve(library), bundleOf(library).href);
    const names = Object.keys(originals.get(library) ?? {}).filter((name) => name !== 'module.exports');
    assert.deepEqual(Object.keys(await import(bundleOf(library).href)), names);
  });
}

test('each file begins with the licence of its library', () => {
  for (const library of BUNDLED) {
    assert.match(
      readFileSync(bundleOf(library), 'utf8').slice(0, 3000),
      /^\/\*!\n.*Permission (is hereby granted|to use, copy)/s,
      library,
    );
  }
});

test('other libraries get the packages that they were made for', async () => {
  const { z } = await import('@hono/zod-openapi');
  assert.equal(z.ZodType, (originals.get('zod') as typeof z).ZodType);
});

test('zod has no locales, and its messages are in English', async () => {
  const { z } = (await import(bundleOf('zod').href)) as typeof import('zod');
  assert.deepEqual(Object.keys(z.locales), []);
  const { error } = z.strictObject({ k: z.number() }).safeParse({ k: 'a' });
  assert.equal(error?.issues[0]?.message, 'Invalid input: expected number, received string');
});
