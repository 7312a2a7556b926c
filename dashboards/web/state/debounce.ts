/** Delays work until its trigger has been quiet for a while. */
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { type Changes, useUrl } from './url.ts';

export interface Debounced<Arguments extends readonly unknown[]> {
  /** Replaces a pending call, and runs once no other follows in time. */
  (...input: Arguments): void;
  /** Runs at once, in place of a pending call. */
  now(...input: Arguments): void;
  cancel(): void;
}

export function debounce<Arguments extends readonly unknown[]>(
  call: (...input: Arguments) => void,
  milliseconds: number,
): Debounced<Arguments> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const cancel = () => clearTimeout(timer);
  const debounced = (...input: Arguments) => {
    cancel();
    timer = setTimeout(() => call(...input), milliseconds);
  };
  const now = (...input: Arguments) => {
    cancel();
    call(...input);
  };
  return Object.assign(debounced, { now, cancel });
}

/** Debounces the callback of the latest render; cancelled when the component unmounts. */
function useDebounced<Arguments extends readonly unknown[]>(
  call: (...input: Arguments) => void,
  milliseconds: number,
): Debounced<Arguments> {
  const latest = useRef(call);
  latest.current = call;
  const debounced = useMemo(() => debounce<Arguments>((...input) => latest.current(...input), milliseconds), [milliseconds]);
  useEffect(() => debounced.cancel, [debounced]);
  return debounced;
}

const URL_MS = 250;

/** Debounces changes of the URL, which browsers limit. */
export function useDebouncedUrl(): Debounced<[changes: Changes]> {
  const { change } = useUrl();
  return useDebounced((changes) => change(changes), URL_MS);
}

/** Text of a field: follows `value`, and reports what is typed once input pauses. */
export function useDebouncedText(
  value: string,
  onChange: (text: string) => void,
  milliseconds: number,
): readonly [text: string, setText: (text: string) => void] {
  const [text, setText] = useState(value);
  const reported = useRef(value);
  const report = useDebounced((typed: string) => {
    reported.current = typed;
    onChange(typed);
  }, milliseconds);
  useEffect(() => {
    if (value === reported.current) return;
    report.cancel();
    setText(value);
    reported.current = value;
  }, [value]);
  return [
    text,
    (typed) => {
      setText(typed);
      if (typed === reported.current) report.cancel();
      else report(typed);
    },
  ];
}
