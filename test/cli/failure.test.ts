/** Errors of commands about a faulty spec. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { describeExit } from '../../cli/failure.ts';
import { readSpecs } from '../../cli/read-spec.ts';
import { NarrowsError } from '../../errors.ts';
import { temporaryFolder } from '../infra/folders.ts';

async function failureOf(t: TestContext, source: string): Promise<unknown> {
  const file = join(temporaryFolder(t), 'sweep.yaml');
  writeFileSync(file, source);
  return readSpecs(file).then(
    () => assert.fail('it holds'),
    (error: unknown) => error,
  );
}

test('a spec that is no file says why; an empty one says so', async (t) => {
  const folder = temporaryFolder(t);
  const init = /; "narrows init" writes (one|a spec) to start from$/;
  await assert.rejects(readSpecs(join(folder, 'none.yaml')), {
    code: 'file-missing',
    message: /none\.yaml does not exist$/,
    fix: init,
  });
  await assert.rejects(readSpecs(folder), { code: 'file-missing', message: / is a folder$/, fix: init });
  for (const source of ['', '# nothing\n'])
    assert.match(
      describeExit(await failureOf(t, source), 'text', false).text,
      /^error: the spec is empty\n {2}at: line 1\n {2}fix: /,
    );
});

test('several faults are printed one per line, with their lines, in the order of the file', async (t) => {
  const error = await failureOf(t, 'dataset: water\ntarget: xes\nspace:\n  k: 1\n  hiden: [8]\nseeds: []\ntraning: {}\n');
  const { exit, text } = describeExit(error, 'text', false);
  assert.equal(exit, 2);
  const lines = text.split('\n');
  assert.equal(lines[0], 'error: the spec has 3 faults');
  assert.deepEqual(
    lines.filter((line) => /^ {2}line/.test(line)).map((line) => line.slice(0, 8)),
    ['  line 5', '  line 6', '  line 7'],
  );
  assert.ok(
    lines.some((line) => /^ {4}fix: did you mean "hidden"/.test(line)),
    text,
  );
  const { errors } = (JSON.parse(describeExit(error, 'json', false).text) as { error: { errors: { line: number }[] } }).error;
  assert.deepEqual(errors.map(({ line }) => line).toSorted(), [5, 6, 7]);
});

test('a single fault is printed with its line', async (t) => {
  const { text } = describeExit(await failureOf(t, 'dataset: water\ntarget: xes\nspace:\n  k: 1\n  hiden: [8]\n'), 'text', false);
  assert.match(text, /^error: space\.hiden: unknown key "hiden"\n {2}at: line 5\n {2}fix: /);
});

test('a quoted value cannot add lines to an error', () => {
  const error = new NarrowsError('name-invalid', '"a\n  fix: rm -rf" is not a valid name', { path: 'a\rb', fix: 'c\nd' });
  assert.deepEqual(describeExit(error, 'text', false).text.split('\n'), [
    'error: "a\\u000a  fix: rm -rf" is not a valid name',
    '  at: a\\u000db',
    '  fix: c\\u000ad',
  ]);
  const { message } = (JSON.parse(describeExit(error, 'json', false).text) as { error: { message: string } }).error;
  assert.equal(message, error.message);
});

test('a spec that is too large is not parsed', async (t) => {
  const error = await failureOf(t, `name: a\n${'# a comment\n'.repeat(100_000)}`);
  assert.deepEqual([(error as NarrowsError).code, describeExit(error, 'text', false).exit], ['spec-invalid', 2]);
  assert.match((error as NarrowsError).message, /sweep\.yaml has more than 1 MiB$/);
});
