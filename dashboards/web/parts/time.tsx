/** Moments and spans as a person reads them. */
import { formatDuration, formatTime } from './format.ts';

/** A moment in the reader's own time, with its zone; the whole of it where the pointer rests. */
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
