/** Size of the scripts that the first page loads. */
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

test('the entry scripts are at most 150 kB gzipped, and none is inline', async () => {
  const outDir = mkdtempSync(join(tmpdir(), 'narrows-entry-'));
  try {
    const warnings: string[] = [];
    const warn = (text: string) => void warnings.push(text);
    await build({
      configFile: join(WEB, 'vite.config.ts'),
      build: { outDir, emptyOutDir: true },
      customLogger: { ...createLogger('warn'), warn, warnOnce: warn },
    });
    // Where the machine is busy, the bundler warns of the time that its plugins take.
    assert.deepEqual(
      warnings.filter((text) => !text.includes('PLUGIN_TIMINGS')),
      [],
    );
    const page = readFileSync(join(outDir, 'index.html'), 'utf8');
    const loaded = [...page.matchAll(/<(?:script|link)\b[^>]*\b(?:src|href)="(\/[^"]+\.js)"/g)].map(([, path]) => path as string);
    assert.ok(loaded.length >= 2, `the theme and the pages: ${loaded}`);
    const sizes = loaded.map((path) => [path, gzipSync(readFileSync(join(outDir, path))).length] as const);
    const all = sizes.reduce((sum, [, size]) => sum + size, 0);
    assert.ok(all <= MOST_BYTES, `${all} bytes gzipped: ${JSON.stringify(sizes)}`);
    // The content security policy forbids inline code.
    assert.doesNotMatch(page, /<script(?![^>]*\bsrc=)|\bstyle=|<style|\bon\w+=/);
  } finally {
    rmSync(outDir, { recursive: true, force: true });
  }
});
