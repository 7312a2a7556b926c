/** Runs of a schedule that fall into the hour that a change to summer time leaves out. */

/** Values from start to end, both included. */
export interface Values {
  readonly start: number;
  readonly end: number;
  readonly step: number;
}

/** Times at which runs are due. Months count from 1, days of the week from 0, Sunday. */
export interface Calendar {
  readonly minute: readonly Values[];
  readonly hour: readonly Values[];
  readonly dayOfMonth: readonly Values[];
  readonly month: readonly Values[];
  readonly dayOfWeek: readonly Values[];
  /** Empty: every year. */
  readonly year: readonly Values[];
}

/** Days of one change, with the local times that do not exist. */
export interface LostRuns {
  /** '2027-03-28'. */
  readonly date: string;
  /** '02:30', ascending. */
  readonly times: readonly string[];
}

const DAY = 86_400_000;
/** Every zone that changes its clocks does so within a year. */
const DAYS = 366;
/** No zone is further from UTC. */
const WIDEST_OFFSET = 15 * 3_600_000;

/** Returns the runs that are left out within a year from `from`, milliseconds since 1970. */
export function findLostRuns(calendars: readonly Calendar[], zone: string, from: number): LostRuns[] {
  const offsetAt = createOffsets(zone);
  if (offsetAt === null) return [];
  return Array.from({ length: DAYS }, (_, day) => Math.floor(from / DAY) * DAY + day * DAY).flatMap((midnight) => {
    const [before, after] = [offsetAt(midnight - WIDEST_OFFSET), offsetAt(midnight + DAY + WIDEST_OFFSET)];
    if (after <= before) return [];
    const exists = (local: number) => [before, after].some((offset) => offsetAt(local - offset) === offset);
    const times = minutesOf(calendars, new Date(midnight)).filter((minutes) => !exists(midnight + minutes * 60_000));
    return times.length === 0 ? [] : [{ date: new Date(midnight).toISOString().slice(0, 10), times: times.map(clock) }];
  });
}

/** Returns a zone's offset to UTC in milliseconds at a time; null for a zone that is not known. */
function createOffsets(zone: string): ((time: number) => number) | null {
  let format: Intl.DateTimeFormat;
  try {
    const parts = { year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric' } as const;
    format = new Intl.DateTimeFormat('en', { timeZone: zone, hourCycle: 'h23', ...parts });
  } catch {
    return null;
  }
  return (time) => {
    const minute = Math.floor(time / 60_000) * 60_000;
    const part = Object.fromEntries(format.formatToParts(minute).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute: minutes = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minutes) - minute;
  };
}

/** Returns the times of a day at which a run is due, in minutes from midnight. */
function minutesOf(calendars: readonly Calendar[], date: Date): number[] {
  const due = calendars.filter(
    ({ dayOfMonth, month, dayOfWeek, year }) =>
      has(dayOfMonth, date.getUTCDate()) &&
      has(month, date.getUTCMonth() + 1) &&
      has(dayOfWeek, date.getUTCDay()) &&
      (year.length === 0 || has(year, date.getUTCFullYear())),
  );
  return Array.from({ length: 24 * 60 }, (_, minutes) => minutes).filter((minutes) =>
    due.some(({ hour, minute }) => has(hour, Math.floor(minutes / 60)) && has(minute, minutes % 60)),
  );
}

const has = (ranges: readonly Values[], value: number): boolean =>
  ranges.some(({ start, end, step }) => value >= start && value <= Math.max(start, end) && (value - start) % (step || 1) === 0);

const clock = (minutes: number): string =>
  [Math.floor(minutes / 60), minutes % 60].map((part) => String(part).padStart(2, '0')).join(':');
