import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { readManifest } from '../../datasets/manifest.ts';
import { temporaryFolder } from '../infra/folders.ts';

const HEAD = `name: little
title: Made up
licence: MIT
source: this test
descriptors: { file: X.npy, columns: [{ name: a, unit: angstrom }] }
`;

test('a manifest may have merge keys, and be in UTF-16', async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'narrows-manifest-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const write = (text: string | Uint8Array) => writeFileSync(join(folder, 'dataset.yaml'), text);
  const source = `${HEAD}targets:\n  xes: &xes { file: Y.npy, energies: energy.csv, unit: counts }\n  xas: { <<: *xes, file: Z.npy }\n`;
  write(source);
  const manifest = await readManifest(folder);
  const { xes, xas } = manifest.targets;
  assert.deepEqual(xas, { ...xes, file: 'Z.npy' });
  write(Buffer.from(`\ufeff${source}`, 'utf16le'));
  assert.deepEqual(await readManifest(folder), manifest);
});

test('a manifest that is nested deeply is not parsed', async (t) => {
  const folder = temporaryFolder(t);
  for (const text of ['['.repeat(100_000), '{a: '.repeat(1000), '- '.repeat(1000), `a: ${'? '.repeat(1000)}`]) {
    writeFileSync(join(folder, 'dataset.yaml'), text);
    await assert.rejects(readManifest(folder), { code: 'manifest-invalid', message: /values nested more than 200 times$/ });
  }
  // Not nested: one after the other.
  writeFileSync(join(folder, 'dataset.yaml'), `a: [${'[], {}, '.repeat(1000)}]\nb:\n${'  - c\n'.repeat(1000)}`);
  await assert.rejects(readManifest(folder), { code: 'manifest-invalid', message: /^dataset\.yaml: / });
});

test('a manifest of more than 1 MiB is not parsed', async (t) => {
  const folder = temporaryFolder(t);
  writeFileSync(join(folder, 'dataset.yaml'), `a: [${'[],'.repeat(400_000)}]`);
  await assert.rejects(readManifest(folder), { code: 'manifest-invalid', message: /dataset\.yaml has more than 1 MiB$/ });
});
