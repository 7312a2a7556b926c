import assert from 'node:assert/strict';
import { test } from 'node:test';
import '../zod-locales.ts';

const { z } = await import('zod');

test('zod has no locales, and its messages are in English', () => {
  assert.deepEqual(Object.keys(z.locales), []);
  const { error } = z.strictObject({ k: z.number() }).safeParse({ k: 'a' });
  assert.equal(error?.issues[0]?.message, 'Invalid input: expected number, received string');
});
