/** Mutations of text, as bytes in Latin 1 so that they may leave UTF-8. */
import type { Draw } from './draw.ts';
import type { ByteMutation } from './mutate-bytes.ts';

const utf8 = (text: string): string => Buffer.from(text).toString('latin1');

const NUMBERS = [
  ...['0', '-0', '-1', '1e999', '-1e999', '1e-999', 'NaN', 'inf', '-Infinity', '9'.repeat(400), `0.${'0'.repeat(400)}1`, '0x10'],
  ...[
    '1,5',
    '1_000',
    '+5',
    '5.',
    '.5',
    '1e',
    '--1',
    '4294967296',
    '9007199254740993',
    '1e308',
    '3.5e38',
    '1d3',
    '',
    ' ',
    '١٢',
  ].map(utf8),
];
const WORDS = [
  ...[
    'null',
    'true',
    '~',
    '__proto__',
    'constructor',
    'toString',
    'hasOwnProperty',
    '*',
    '../x',
    '/dev/zero',
    'x'.repeat(20_000),
  ],
  ...[
    '[',
    '{',
    '[]',
    '{}',
    '!!binary x',
    '&a',
    '*a',
    '<<',
    '? x',
    '- -',
    '%',
    'data.h5#/a/../b',
    'X.npy#',
    '#',
    '"',
    "'",
    '|',
    '>',
  ],
  ...['\u0000', '\u001b[2J', '\u202e', 'é', '🌊', '\ufeff', '\u2028'].map(utf8),
];
const SCRAPS = [
  ...[
    '\0',
    '\x1b]0;t\x07',
    '\xff\xfe',
    '\xc3',
    '\xed\xa0\x80',
    '\xf4\x90\x80\x80',
    '"',
    "'",
    ',',
    ';',
    '\t',
    '\r',
    '\n',
    '\n\n',
    '#',
    ' ',
  ],
  ...['\r\n', ': ', '- ', '[', ']', '{', '}', '=', '@', '\\', '`', '\x9b31m', utf8('\u202e'), utf8('\u2066'), utf8('\ufeff')],
];
const NUMBER = /-?\d+(?:\.\d*)?(?:[eE][-+]?\d+)?/g;
const WORD = /[A-Za-z_][\w.#/-]*/g;
const MAX_LENGTH = 200_000;

function replaceOne(draw: Draw, text: string, pattern: RegExp, replacement: string): string {
  const found = [...text.matchAll(pattern)];
  if (found.length === 0) return text + replacement;
  const { 0: token, index } = draw.pick(found);
  return text.slice(0, index) + replacement + text.slice(index + token.length);
}

function changeLines(draw: Draw, text: string, change: (lines: string[], at: number) => void): string {
  const lines = text.split('\n');
  change(lines, draw.below(lines.length));
  return lines.join('\n');
}

const MUTATIONS: readonly ((draw: Draw, text: string) => string)[] = [
  (draw, text) => replaceOne(draw, text, NUMBER, draw.pick(NUMBERS)),
  (draw, text) => replaceOne(draw, text, NUMBER, draw.pick(WORDS)),
  (draw, text) => replaceOne(draw, text, WORD, draw.pick(WORDS)),
  (draw, text) => replaceOne(draw, text, WORD, draw.pick(text.match(WORD) ?? ['x'])),
  (draw, text) => {
    const at = draw.below(text.length + 1);
    return text.slice(0, at) + draw.pick(SCRAPS) + text.slice(at);
  },
  (draw, text) => changeLines(draw, text, (lines, at) => lines.splice(at, 1)),
  (draw, text) => changeLines(draw, text, (lines, at) => lines.splice(at, 0, lines[draw.below(lines.length)] as string)),
  (draw, text) => changeLines(draw, text, (lines, at) => lines.splice(at, 0, (lines[at] as string).repeat(1 + draw.below(200)))),
  (draw, text) => text.slice(0, draw.below(text.length + 1)),
  (draw, text) => text.slice(draw.below(text.length + 1)),
  (draw, text) => {
    const at = draw.below(text.length + 1);
    return text.slice(0, at) + draw.pick(['[', '{a: ', '- ', '"', '(', '  ']).repeat(draw.below(5000)) + text.slice(at);
  },
  (draw, text) => text.replaceAll(draw.pick([',', ' ', '\n', '.', ':']), draw.pick(SCRAPS)),
];

/** Mutates a text; now and then its encoding. */
export const mutateText: ByteMutation = (draw, bytes) => {
  const text = draw.pick(MUTATIONS)(draw, bytes.toString('latin1')).slice(0, MAX_LENGTH);
  return draw.chance(0.02) ? Buffer.from(`\ufeff${text}`, 'utf16le') : Buffer.from(text, 'latin1');
};
