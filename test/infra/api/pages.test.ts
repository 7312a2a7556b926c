import assert from 'node:assert/strict';
import { chmodSync, globSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';
import { ensurePagesFolder, PAGE_FILES, PAGE_FOLDERS } from '../../../infra/api/pages.ts';
import { CODE_ROOT } from '../../../infra/code-version.ts';
import { temporaryFolder } from '../folders.ts';

const RELATIVE_IMPORT = /(?:from|import)\s*\(?\s*'(\.{1,2}\/[^']+\.tsx?)'/g;

test('the build of the pages depends on every source that they import', () => {
  const files = globSync('dashboards/web/**/*.{ts,tsx}', { cwd: CODE_ROOT }).filter((file) => !file.endsWith('.d.ts'));
  const sources = new Set(files);
  for (const file of sources) {
    for (const [, target = ''] of readFileSync(join(CODE_ROOT, file), 'utf8').matchAll(RELATIVE_IMPORT))
      sources.add(relative(CODE_ROOT, join(CODE_ROOT, dirname(file), target)));
  }
  const isCovered = (file: string) =>
    PAGE_FILES.some((one) => one === file) || PAGE_FOLDERS.some((folder) => file.startsWith(`${folder}/`));
  assert.ok(sources.size > files.length);
  assert.deepEqual(
    [...sources].filter((file) => !isCovered(file)),
    [],
  );
});

test('pages are served from the cache of this user alone', async (t) => {
  const userCache = join(temporaryFolder(t), 'cache');
  mkdirSync(join(userCache, 'builds'), { recursive: true });
  chmodSync(userCache, 0o777);
  await assert.rejects(ensurePagesFolder({ userCache }), { code: 'not-private', path: userCache });
});
