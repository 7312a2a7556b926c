/** How wide a chart may be: the inner width of what it stands in, followed as that changes. */
import type { RefObject } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';

/** In CSS pixels, as it is laid out; 0 before it is. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useLayoutEffect(() => {
    const at = element.current;
    if (!at) return;
    // It tells the first width as well, within the frame and after the layout that there is anyway: to ask for it here would force one for each chart.
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(at);
    return () => observer.disconnect();
  }, []);
  return width;
}
