import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, readFileSync, symlinkSync } from 'node:fs';
import { join, relative } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { CODE_ROOT } from '../../../infra/code-version.ts';
import { temporaryFolder } from '../folders.ts';

test('a checkout in a folder of any name builds its workflows and pages', (t) => {
  const checkout = join(temporaryFolder(t), 'a!b#c?d %41');
  const skipped = /^(node_modules|\.git|\.narrows|dist|test|bench|examples|docs)(\/|$)/;
  cpSync(CODE_ROOT, checkout, { recursive: true, filter: (path) => !skipped.test(relative(CODE_ROOT, path)) });
  symlinkSync(join(CODE_ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const module = pathToFileURL(join(checkout, 'infra/processes/build.ts')).href;
  const targets = [join(checkout, 'bundle.js'), join(checkout, 'pages')] as const;
  const code = `const { runBuild } = await import(${JSON.stringify(module)});
    await runBuild('workflow-bundle', ${JSON.stringify(targets[0])});
    await runBuild('pages', ${JSON.stringify(targets[1])});`;
  execFileSync(process.execPath, ['--input-type=module', '-e', code], { stdio: 'pipe' });
  assert.match(readFileSync(targets[0], 'utf8'), /"\.\/workflows\/sweep\.ts"/, 'modules are named from the root of the code');
  assert.ok(existsSync(join(targets[1], 'index.html')));
});
