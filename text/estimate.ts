/** Estimates of a training, in words. */
import type { TrainingEstimate } from '../search/estimate.ts';
import { formatDuration } from './format.ts';

/** Returns how long a training takes, with what, and why that is believed. */
export function describeEstimate({ seconds, threadSeconds, threads, speed, isStaffed }: TrainingEstimate): string {
  const staff = `${threads} ${threads === 1 ? 'thread' : 'threads'} ${isStaffed ? 'at work' : 'of this machine'}`;
  const known = speed === 'measured' ? 'by their measured speed' : 'by a nominal speed';
  return `roughly ${formatDuration(seconds)} with ${staff} (${formatDuration(threadSeconds)} of one), ${known}`;
}
