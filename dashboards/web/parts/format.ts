/** Numbers, times and sizes as text. */
export { formatDuration, formatElapsed, formatVersion, shortVersion } from '../../../text/format.ts';

const pad = (value: number): string => String(value).padStart(2, '0');

/** Returns the offset of the local time zone on that day, such as 'UTC+5:30'. */
function formatZone(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const ahead = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(ahead / 60)}${ahead % 60 === 0 ? '' : `:${pad(ahead % 60)}`}`;
}

/** Returns local time and zone, such as '2026-11-25 14:03 UTC+1'. */
export function formatTime(date: Date): string {
  // Creating the first Intl formatter takes a browser longer than rendering a page.
  const day = `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())}`;
  return `${day} ${pad(date.getHours())}:${pad(date.getMinutes())} ${formatZone(date)}`;
}

/** Returns local time, such as '14:03:07'. */
export const clockTime = (date: Date): string => [date.getHours(), date.getMinutes(), date.getSeconds()].map(pad).join(':');

/** Groups digits by thin spaces, since a comma is a decimal sign in many languages: '1 234 567'. */
export const formatCount = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** Returns a count with its noun: '1 trial', '1 234 trials'. */
export const pluralise = (value: number, one: string, many = `${one}s`): string =>
  `${formatCount(value)} ${value === 1 ? one : many}`;
