export { formatDuration, shortVersion } from '../../../text/format.ts';

const two = (value: number): string => String(value).padStart(2, '0');

/** 'UTC', 'UTC+5:30': how far the reader's clock is from UTC on that day. */
function zoneOf(date: Date): string {
  const minutes = -date.getTimezoneOffset();
  if (minutes === 0) return 'UTC';
  const ahead = Math.abs(minutes);
  return `UTC${minutes < 0 ? '−' : '+'}${Math.floor(ahead / 60)}${ahead % 60 === 0 ? '' : `:${two(ahead % 60)}`}`;
}

/**
 * '2026-11-25 14:03 UTC+1': the reader's own time and zone, in an order that sorts. Plain arithmetic: the first formatter of Intl takes a browser longer to make
 * than a page to draw.
 */
export function formatTime(date: Date): string {
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())} ${zoneOf(date)}`;
}

/** '14:03:07' of the reader's own day. */
export const clockTime = (date: Date): string => [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');

/** 1234567 -> '1 234 567', with thin spaces: a comma is a decimal sign to half of the readers. */
export const formatCount = (value: number): string => String(value).replace(/\B(?=(\d{3})+$)/g, '\u202f');

/** 'trial' -> '1 trial', '1 234 trials'. */
export const pluralise = (value: number, one: string, many = `${one}s`): string =>
  `${formatCount(value)} ${value === 1 ? one : many}`;

/** 2048 -> '2.0 KiB'. */
export function formatBytes(value: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let at = 0;
  let left = value;
  while (left >= 1023.95 && at < units.length - 1) {
    left /= 1024;
    at++;
  }
  return `${at === 0 ? left : left.toFixed(1)} ${units[at]}`;
}

/** Of a version's page; below /api, of what it shows. */
export const versionPath = (dataset: string, version: string): string => `/datasets/${encodeURIComponent(dataset)}/${version}`;
