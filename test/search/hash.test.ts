import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { canonicalJson } from '../../models/canonical-json.ts';
import { sha256 } from '../../search/hash.ts';

test('sha256 equals node:crypto for every length around the block borders', () => {
  for (let length = 0; length <= 200; length++) {
    const text = 'é'.repeat(length % 3) + 'x'.repeat(length);
    assert.equal(sha256(text), createHash('sha256').update(text).digest('hex'), `length ${length}`);
  }
});

test('canonical JSON does not depend on the order of keys', () => {
  assert.equal(canonicalJson({ b: [1, { d: 2, c: null }], a: 'x' }), canonicalJson({ a: 'x', b: [1, { c: null, d: 2 }] }));
  assert.equal(canonicalJson({ b: 1, a: [2, 1] }), '{"a":[2,1],"b":1}');
});
