/** The pages as they are built: what a browser has to fetch before it can show anything. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, createLogger } from 'vite';

const WEB = fileURLToPath(new URL('../../../dashboards/web', import.meta.url));
const MOST_BYTES = 150_000;

test('the scripts that the first page begins with have 150 kB at most; none is in the text of the page', async () => {
  const outDir = mkdtempSync(join(tmpdir(), 'narrows-entry-'));
  try {
    const warnings: string[] = [];
    const warn = (text: string) => void warnings.push(text);
    await build({
      configFile: join(WEB, 'vite.config.ts'),
      build: { outDir, emptyOutDir: true },
      customLogger: { ...createLogger('warn'), warn, warnOnce: warn },
    });
    assert.deepEqual(warnings, []);
    const page = readFileSync(join(outDir, 'index.html'), 'utf8');
    const loaded = [...page.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="(\/[^"]+\.js)"/g)].map(([, path]) => path as string);
    assert.ok(loaded.length >= 2, `the theme and the pages: ${loaded}`);
    const sizes = loaded.map((path) => [path, gzipSync(readFileSync(join(outDir, path))).length] as const);
    const all = sizes.reduce((sum, [, size]) => sum + size, 0);
    assert.ok(all <= MOST_BYTES, `${all} bytes gzipped: ${JSON.stringify(sizes)}`);
    // The pages' policy would refuse it.
    assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)|\bstyle=|<style|\bon\w+=/);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
});
