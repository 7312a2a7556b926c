import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decodeText } from '../platform.ts';

const TEXT = 'name: Ångström\n';
const utf16 = (text: string, swap: boolean) => {
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return swap ? bytes.swap16() : bytes;
};

for (const [encoding, bytes] of [
  ['UTF-8', Buffer.from(TEXT)],
  ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${TEXT}`)],
  ['UTF-16, low byte first', utf16(TEXT, false)],
  ['UTF-16, high byte first', utf16(TEXT, true)],
] as const) {
  test(`text in ${encoding} is decoded`, () => assert.equal(decodeText(bytes), TEXT));
}
