/** Times and durations. */
import { formatDuration, formatTime } from './format.ts';

/** A local time with its zone; its tooltip is the ISO time. */
export function Timestamp({ at }: { readonly at: string | null }) {
  if (at === null) return <>–</>;
  const date = new Date(at);
  return (
    <time class="number nowrap" dateTime={at} title={date.toISOString()}>
      {formatTime(date)}
    </time>
  );
}

export function Duration({ seconds }: { readonly seconds: number | null }) {
  return <span class="number nowrap">{seconds === null ? '–' : formatDuration(seconds)}</span>;
}
