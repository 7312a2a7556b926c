import assert from 'node:assert/strict';
import { test } from 'node:test';
import { escapeControls, escapeLine } from '../../text/controls.ts';

const of = (...codes: number[]) => String.fromCharCode(...codes);

test('control characters are written out: C0, DEL, C1, direction, lone surrogates', () => {
  assert.equal(escapeControls(`${of(0x1b)}[31mred`), '\\u001b[31mred');
  assert.equal(escapeControls(of(0x0, 0x7, 0x8, 0xd, 0x7f)), '\\u0000\\u0007\\u0008\\u000d\\u007f');
  assert.equal(escapeControls(of(0x85, 0x9b, 0x9d)), '\\u0085\\u009b\\u009d');
  assert.equal(escapeControls(of(0x202a, 0x202e, 0x2066, 0x2069, 0x200f)), '\\u202a\\u202e\\u2066\\u2069\\u200f');
  assert.equal(escapeControls(`${of(0xd800)}a${of(0xdc00)}`), '\\ud800a\\udc00');
});

test('other characters stay: accents, signs, pairs of surrogates, line feeds and tabs', () => {
  const text = 'Ångström σ² 水 🌊\n\tx';
  assert.equal(escapeControls(text), text);
  assert.equal(escapeLine(text), 'Ångström σ² 水 🌊\\u000a\\u0009x');
});

test('escaped JSON is another spelling of the same value', () => {
  const value = { name: Array.from({ length: 0x3000 }, (_, code) => of(code)).join('') + of(0xd800) };
  const shown = escapeControls(JSON.stringify(value));
  assert.deepEqual(JSON.parse(shown), value);
  assert.doesNotMatch(shown, /[\p{Cc}\p{Cs}\p{Bidi_Control}]/u);
});
