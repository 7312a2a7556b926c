/**
 * Checks that commands in the docs parse, also in running text, and that links and npm scripts
 * exist. guides.ts runs the commands.
 */
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseCommand } from '../cli/parse-command.ts';

const ROOT = new URL('../../', import.meta.url);
const guides = readdirSync(new URL('docs/guides', ROOT)).map((name) => `docs/guides/${name}`);
const scripts = (JSON.parse(readFileSync(new URL('package.json', ROOT), 'utf8')) as { scripts: Record<string, string> }).scripts;

/** Returns the words of a command line. */
const splitWords = (line: string): string[] =>
  [...line.matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? (word as string));

for (const page of ['README.md', 'CONTRIBUTING.md', 'docs/performance.md', ...guides]) {
  const text = readFileSync(new URL(page, ROOT), 'utf8');
  const commands = [...text.matchAll(/^(?:npx |.*`npx |.*`)?narrows ([a-z][^`#\n]*)/gm)].map(([, line]) =>
    (line as string).trim(),
  );
  const npxCommands = [...text.matchAll(/npx narrows ([^`#\n]+)/g)].map(([, line]) => (line as string).trim());
  for (const line of new Set([...npxCommands, ...commands.filter((one) => /^(data|sweep|compare|results)/.test(one))])) {
    test(`${page}: narrows ${line}`, () => parseCommand(splitWords(line)));
  }
  for (const [, name] of text.matchAll(/npm run ([a-z:]+)/g)) {
    test(`${page}: npm run ${name}`, () => assert.ok(name !== undefined && name in scripts));
  }
  for (const [, target] of text.matchAll(/\]\(((?!https?:)[^)#]+)\)/g)) {
    test(`${page}: the link to ${target} exists`, () => {
      assert.doesNotThrow(() => assertExists(new URL(target as string, new URL(page, ROOT))));
    });
  }
}

/** Throws where neither a file nor a folder is at a URL. */
function assertExists(url: URL): void {
  try {
    readFileSync(url);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EISDIR') throw error;
  }
}
