import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Calendar, findLostRuns } from '../../search/lost-runs.ts';

const at = (value: number) => [{ start: value, end: value, step: 1 }];
const every = (start: number, end: number, step = 1) => [{ start, end, step }];

/** Every night at 02:30. */
const NIGHTLY: Calendar = {
  minute: at(30),
  hour: at(2),
  dayOfMonth: every(1, 31),
  month: every(1, 12),
  dayOfWeek: every(0, 6),
  year: [],
};
const FROM = Date.parse('2026-11-01T12:00:00Z');

const cases: readonly [string, Partial<Calendar>, string, readonly [string, readonly string[]][]][] = [
  ['02:30 in Berlin', {}, 'Europe/Berlin', [['2027-03-28', ['02:30']]]],
  ['02:30 in New York', {}, 'America/New_York', [['2027-03-14', ['02:30']]]],
  ['02:30 in Sydney, where spring is in October', {}, 'Australia/Sydney', [['2027-10-03', ['02:30']]]],
  [
    '00:15 in Cairo, where the change is at midnight',
    { hour: at(0), minute: at(15) },
    'Africa/Cairo',
    [['2027-04-30', ['00:15']]],
  ],
  [
    '02:15 on Lord Howe, where the change is of half an hour',
    { minute: at(15) },
    'Australia/Lord_Howe',
    [['2027-10-03', ['02:15']]],
  ],
  ['02:45 on Lord Howe', { minute: at(45) }, 'Australia/Lord_Howe', []],
  ['quarters of an hour', { minute: every(0, 59, 15) }, 'Europe/Berlin', [['2027-03-28', ['02:00', '02:15', '02:30', '02:45']]]],
  ['03:00', { hour: at(3), minute: at(0) }, 'Europe/Berlin', []],
  ['02:30 on Mondays', { dayOfWeek: at(1) }, 'Europe/Berlin', []],
  ['02:30 on Sundays', { dayOfWeek: at(0) }, 'Europe/Berlin', [['2027-03-28', ['02:30']]]],
  ['02:30 in another year', { year: at(2028) }, 'Europe/Berlin', []],
  ['02:30 in UTC', {}, 'UTC', []],
  ['02:30 in a zone that is not known', {}, 'Local', []],
];
for (const [title, changes, zone, expected] of cases) {
  test(`runs that a change to summer time leaves out: ${title}`, () => {
    const lost = findLostRuns([{ ...NIGHTLY, ...changes }], zone, FROM);
    assert.deepEqual(
      lost.map(({ date, times }) => [date, times]),
      expected,
    );
  });
}
