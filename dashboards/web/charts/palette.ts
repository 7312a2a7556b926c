/** The page's colours as a canvas needs them: plain numbers, of the theme that is on. */
import { resolved } from './colours.ts';

export type Rgb = readonly [number, number, number];

/** `--ednn` -> what it stands for just now. A custom property tells its own text only, so an element that wears it is asked. */
export function rgbOf(variables: readonly string[]): Rgb[] {
  return variables.map((variable) => {
    const [red = 0, green = 0, blue = 0] = (resolved(`var(${variable})`).match(/[\d.]+/g) ?? []).map(Number);
    return [red, green, blue] as const;
  });
}

export const cssOf = ([red, green, blue]: Rgb, opacity = 1): string => `rgb(${red} ${green} ${blue} / ${opacity})`;

/** So many colours from stops, evenly, the first and the last being the ends. */
export function blend(stops: readonly Rgb[], count: number): Rgb[] {
  return Array.from({ length: count }, (_, i) => {
    const place = (i / Math.max(1, count - 1)) * (stops.length - 1);
    const below = Math.min(stops.length - 2, Math.floor(place));
    const [a, b] = [stops[below] as Rgb, stops[below + 1] as Rgb];
    const mix = (channel: 0 | 1 | 2) => a[channel] + (b[channel] - a[channel]) * (place - below);
    return [mix(0), mix(1), mix(2)] as const;
  });
}
