/** A field's text as it is typed, which is told once the typing rests. */
import { type Dispatch, type StateUpdater, useEffect, useRef, useState } from 'preact/hooks';

/** Follows `value` where it changes from elsewhere; tells what was typed after `restMs` without another letter. */
export function useDebouncedText(
  value: string,
  onChange: (text: string) => void,
  restMs: number,
): readonly [text: string, type: Dispatch<StateUpdater<string>>] {
  const [text, setText] = useState(value);
  const told = useRef(value);
  useEffect(() => {
    if (value !== told.current) setText(value);
    told.current = value;
  }, [value]);
  useEffect(() => {
    if (text === told.current) return;
    const timer = setTimeout(() => {
      told.current = text;
      onChange(text);
    }, restMs);
    return () => clearTimeout(timer);
  }, [text]);
  return [text, setText];
}
