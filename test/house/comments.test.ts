/** Comments as CONTRIBUTING.md asks for them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readSource, typeScriptFiles } from './sources.ts';

const WIDTH = 100;
const files = typeScriptFiles();

/**
 * Returns the comment lines of a source text: lines that hold nothing but a comment or a part of
 * one.
 */
function commentLines(source: string): { readonly number: number; readonly text: string }[] {
  let open = false;
  return source.split('\n').flatMap((text, i) => {
    const starts = /^\s*(\/\*|\/\/)/.test(text);
    const inside = open || starts;
    if (!open && /^\s*\/\*/.test(text)) open = true;
    if (open && text.includes('*/')) open = false;
    return inside ? [{ number: i + 1, text }] : [];
  });
}

test(`no comment line is longer than ${WIDTH} columns`, () => {
  const long = files.flatMap((file) =>
    commentLines(readSource(file))
      // An address cannot be broken; it has its line to itself.
      .filter(({ text }) => text.length > WIDTH && !/^[\s/*]*(@see )?https?:\S+$/.test(text))
      .map(({ number }) => `${file}:${number}`),
  );
  assert.deepEqual(long, []);
});

test('doc comments are sentences, not relative clauses', () => {
  const openings = files.flatMap((file) =>
    [...readSource(file).matchAll(/\/\*\*[\s*]*(What|Who|Whoever|Which|Of)\b/g)].map(([, word]) => `${file}: ${word} ...`),
  );
  assert.deepEqual(openings, []);
});
