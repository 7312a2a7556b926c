/** Canvases that fit their element, whatever its width, at the screen's own pixels. */
import type { RefObject } from 'preact';
import { useEffect, useState } from 'preact/hooks';

/** Inner width of an element in CSS pixels as it is laid out; 0 before it is. */
export function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(0);
  useEffect(() => {
    const at = element.current;
    if (!at) return;
    // It tells the first width as well, after the layout that there is anyway: to ask for it here would force one for each chart.
    const observer = new ResizeObserver(([entry]) => entry && setWidth(Math.floor(entry.contentRect.width)));
    observer.observe(at);
    return () => observer.disconnect();
  }, []);
  return width;
}

/** More pixels than this a side cost more than an eye sees. */
const MOST_SCALE = 2;

export const screenScale = (): number => Math.min(MOST_SCALE, Math.max(1, devicePixelRatio));

/** Sizes a canvas (CSS pixels) and gives its context, in CSS pixels, cleared. */
export function contextOf(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
  const scale = screenScale();
  const [across, down] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== across || canvas.height !== down) {
    canvas.width = across;
    canvas.height = down;
  }
  const context = canvas.getContext('2d') as CanvasRenderingContext2D;
  context.setTransform(scale, 0, 0, scale, 0, 0);
  context.clearRect(0, 0, width, height);
  return context;
}
