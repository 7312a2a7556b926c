/** Colours of the current theme for canvases, which need plain numbers and names. */

/** Resolves a CSS colour in the current theme to a form that a canvas accepts. */
export function resolveColour(colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = colour;
  probe.hidden = true;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

const known = new Map<string, string>();

/** Converts a computed colour to #rrggbb, for three and for programs that open a saved image. */
export function toHex(colour: string): string {
  const before = known.get(colour);
  if (before !== undefined) return before;
  const context = document.createElement('canvas').getContext('2d');
  if (!context) return '#888888';
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  const [r, g, b] = context.getImageData(0, 0, 1, 1).data;
  const hex = `#${[r, g, b].map((part) => (part ?? 0).toString(16).padStart(2, '0')).join('')}`;
  known.set(colour, hex);
  return hex;
}

export type Rgb = readonly [number, number, number];

/** Resolves custom properties such as `--ednn` in the current theme, in their order. */
export function resolveRgb<const Names extends readonly string[]>(variables: Names): { -readonly [I in keyof Names]: Rgb } {
  return variables.map((variable): Rgb => {
    const [red = 0, green = 0, blue = 0] = (resolveColour(`var(${variable})`).match(/[\d.]+/g) ?? []).map(Number);
    return [red, green, blue];
  }) as { -readonly [I in keyof Names]: Rgb };
}

export const toCss = ([red, green, blue]: Rgb, opacity = 1): string => `rgb(${red} ${green} ${blue} / ${opacity})`;

/** Interpolates `count` colours evenly between the stops, ends included. */
export function interpolateColours(stops: readonly Rgb[], count: number): Rgb[] {
  return Array.from({ length: count }, (_, i) => {
    const place = (i / Math.max(1, count - 1)) * (stops.length - 1);
    const below = Math.min(stops.length - 2, Math.floor(place));
    const [a, b] = [stops[below] as Rgb, stops[below + 1] as Rgb];
    const mix = (channel: 0 | 1 | 2) => a[channel] + (b[channel] - a[channel]) * (place - below);
    return [mix(0), mix(1), mix(2)] as const;
  });
}
