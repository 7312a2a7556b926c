/** Sizes of charts in CSS pixels. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** Returns the inner width of a container, observed for changes; 0 before the first layout. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const at = element.current;
    if (!at) return;
    // The observer reports the first width too, after the regular layout; reading it here would
    // force one layout per chart.
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(at);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** Returns a style of lengths in CSS pixels. */
export const inPixels = (lengths: Readonly<Record<string, number>>): Record<string, string> =>
  Object.fromEntries(Object.entries(lengths).map(([property, length]) => [property, `${length}px`]));
