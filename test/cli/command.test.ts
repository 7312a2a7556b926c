import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCount, parseDuration, parseMargin, parsePort, parseProbability, parseSeeds, parseTime } from '../../cli/command.ts';

const CASES: readonly [parse: (text: string) => unknown, valid: readonly [string, unknown][], invalid: readonly string[]][] = [
  [parseCount, [['3', 3]], ['0', '-1', '1.5', 'two', '']],
  [
    parseSeeds,
    [
      ['3', [1, 2, 3]],
      ['1,5, 9', [1, 5, 9]],
      ['0,2', [0, 2]],
    ],
    ['', '0', '1,2,', ',1', '1,,2', '1,x', '1,-2', '1,2.5'],
  ],
  [
    parseDuration,
    [
      ['90', 90],
      ['30s', 30],
      ['15m', 900],
      ['1h', 3600],
      ['7d', 604_800],
    ],
    ['', '1w', 'h', '-1s', '1.5h'],
  ],
  [
    parseMargin,
    [
      ['0', 0],
      ['0.003', 0.003],
    ],
    ['-0.1', '', ' ', 'some'],
  ],
  [parseProbability, [['0.05', 0.05]], ['0', '1', '2', '', 'x']],
  [
    parsePort,
    [
      ['0', 0],
      ['8622', 8622],
    ],
    ['65536', '-1', '80.5', 'http', ''],
  ],
  [parseTime, [['2026-01-31T00:00:00Z', new Date('2026-01-31T00:00:00Z')]], ['yesterday', '']],
];

for (const [parse, valid, invalid] of CASES) {
  test(`${parse.name} reads valid values, and names the kind and the fix of others`, () => {
    for (const [text, value] of valid) assert.deepEqual(parse(text), value);
    for (const text of invalid) assert.throws(() => parse(text), { message: /is not a valid [\w ]+\. Use .*\.$/ }, `"${text}"`);
  });
}
