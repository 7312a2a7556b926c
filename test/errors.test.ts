import assert from 'node:assert/strict';
import { test } from 'node:test';
import { didYouMean, editDistance, NarrowsError, nearestFirst, unreadableReason } from '../errors.ts';
import { SpecInvalid } from '../search/fault.ts';

test('the nearest known name is suggested', () => {
  assert.equal(didYouMean('learingRate', ['layers', 'learningRate']), 'did you mean "learningRate"?');
  assert.deepEqual(nearestFirst('xas', ['emission', 'xes', 'xas']), ['xas', 'xes', 'emission']);
});

test('names longer than a hundred characters are not compared', () => {
  const long = 'a'.repeat(101);
  assert.equal(editDistance(long, 'a'), Number.POSITIVE_INFINITY);
  assert.equal(editDistance('a', long), Number.POSITIVE_INFINITY);
  assert.equal(didYouMean(long, ['layers']), 'no known name is near.');
  assert.equal(didYouMean('layers', []), 'no known name is near.');
  assert.deepEqual(nearestFirst('layer', [long, 'layers', `${long}b`]), ['layers', long, `${long}b`]);
});

test('a word is compared with the first five thousand names', () => {
  const names = [...Array.from({ length: 5000 }, () => 'other'), 'name'];
  assert.equal(didYouMean('name', names), 'did you mean "other"?');
  assert.equal(nearestFirst('name', names).at(-1), 'name');
});

test('a file that was not read says why', () => {
  const reasonOf = (code: string) => unreadableReason(Object.assign(new Error('no'), { code }));
  assert.deepEqual(['ENOENT', 'EISDIR', 'EACCES'].map(reasonOf), ['does not exist', 'is a folder', 'cannot be read (EACCES)']);
  assert.equal(unreadableReason(new Error('torn')), 'cannot be read (torn)');
});

test('an error is as long as a person reads, and keeps its reason', () => {
  const value = 'x'.repeat(1e6);
  const error = new NarrowsError('where-invalid', `"${value}" is not a valid condition`, { path: value, fix: `use ${value}` });
  assert.match(error.message, /^"x+ \.\.\. x+" is not a valid condition$/);
  for (const text of [error.message, error.path, error.fix]) assert.ok((text?.length ?? 0) <= 2000);
  const quoted = new NarrowsError('name-invalid', `${'"'.repeat(1e6)} is not a valid name`);
  assert.match(quoted.message, / is not a valid name$/);
  assert.ok(quoted.message.length <= 2000);
  assert.equal(new NarrowsError('name-invalid', quoted.message).message, quoted.message);
});

test('a short error stays as it is', () => {
  const error = new NarrowsError('a', 'there is no dataset "water"', { path: 'dataset', fix: 'see "narrows data ls"' });
  const { message, path, fix } = error;
  assert.deepEqual([message, path, fix], ['there is no dataset "water"', 'dataset', 'see "narrows data ls"']);
});

test('a spec with very many faults reports the first hundred, each shortened', () => {
  const faults = Array.from({ length: 5000 }, (_, i) => ({ path: `k${i}`, message: 'm'.repeat(5000), fix: 'f'.repeat(5000) }));
  const error = new SpecInvalid(faults);
  assert.equal(error.faults.length, 100);
  assert.ok(JSON.stringify(error.faults).length < 500_000);
});
