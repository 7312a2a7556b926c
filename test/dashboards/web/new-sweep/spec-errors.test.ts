/** Errors of specs and their location. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { specErrors, textOffset } from '../../../../dashboards/web/new-sweep/spec-errors.ts';

test('errors are sorted by line; a problem without a list is one error', () => {
  const problem = { type: 'about:blank', title: 'Invalid', status: 422, code: 'spec-invalid', detail: 'a; b' };
  const faults = specErrors({
    ...problem,
    errors: [
      { path: 'space.k', line: 8, column: 3, message: 'b' },
      { path: 'name', line: 2, message: 'a', fix: 'c' },
    ],
  });
  assert.deepEqual(faults, [
    { line: 2, column: null, path: 'name', message: 'a', fix: 'c' },
    { line: 8, column: 3, path: 'space.k', message: 'b', fix: null },
  ]);
  const [only] = specErrors({ ...problem, path: 'dataset', fix: 'import it' });
  assert.deepEqual(only, { line: null, column: null, path: 'dataset', message: 'a; b', fix: 'import it' });
});

test('a line and column are converted to an offset', () => {
  const text = 'name: a\n\nspace:\n  k: 1';
  assert.equal(textOffset(text, 1), 0);
  assert.equal(textOffset(text, 2), 8);
  assert.equal(text.slice(textOffset(text, 4, 3)), 'k: 1');
  assert.equal(textOffset(text, 2, 50), 8, 'no further than the line');
  assert.equal(textOffset(text, 99), text.length);
});
