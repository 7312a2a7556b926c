/** Canvases that fit their element, whatever its width, at the screen's own pixels. */
import { resolveRgb, toCss } from './colours.ts';

/** More pixels than this a side cost more than an eye sees. */
const MOST_SCALE = 2;

export const screenScale = (): number => Math.min(MOST_SCALE, Math.max(1, devicePixelRatio));

/** Sizes a canvas (CSS pixels) and gives its context, in CSS pixels, cleared. */
export function prepareCanvas(canvas: HTMLCanvasElement, width: number, height: number): CanvasRenderingContext2D {
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

/** Strokes a path in ink over a wider edge in the colour of the page. `width`: CSS pixels. */
export function strokeOutlined(context: CanvasRenderingContext2D, width: number, trace: () => void): void {
  const [ink, page] = resolveRgb(['--ink', '--page']);
  for (const [colour, wide] of [[page, 5] as const, [ink, width] as const]) {
    context.strokeStyle = toCss(colour);
    context.lineWidth = wide;
    context.beginPath();
    trace();
    context.stroke();
  }
}
