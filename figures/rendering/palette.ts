/** Colours of figures, for pages (style/tokens.css holds the same values) and for files. */
import { METHODS } from '../../models/methods/catalogue.ts';
import { METHOD_STYLES } from '../../text/methods.ts';
import type { Colour, Token } from '../model.ts';

/** On white and on dark paper; METHOD_STYLES has the colours of methods. */
const TOKENS: Readonly<Record<Token, readonly [light: string, dark: string]>> = {
  page: ['#ffffff', '#121518'],
  raised: ['#f6f7f8', '#1b1f24'],
  line: ['#d5d9dd', '#363d45'],
  edge: ['#868e97', '#78828d'],
  ink: ['#1d2125', '#e8eaec'],
  soft: ['#565d65', '#a9b1ba'],
  accent: ['#0a58a6', '#7db8f2'],
  good: ['#00694d', '#4fd1a5'],
  warn: ['#7a5200', '#f0b849'],
  bad: ['#b3261e', '#ff8a80'],
  emulator: ['#4a4f55', '#c4c9cf'],
};

/** Every named colour, light and dark. */
export const PALETTE: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  ...TOKENS,
  ...Object.fromEntries(METHODS.map((method) => [method, [METHOD_STYLES[method].color, METHOD_STYLES[method].darkColor]])),
};

/** Stops of the scale of rising values: the higher, the stronger against the page, also in grey. */
export const RISING: readonly (readonly [light: string, dark: string])[] = [
  ['#b08a26', '#7461a8'],
  ['#7f9a52', '#4d7cba'],
  ['#3a8f81', '#2f9fb0'],
  ['#2a6d9a', '#6fd08c'],
  ['#2b2a6f', '#f4f08a'],
];

/** Turns a colour of a figure into one of SVG. */
export type Paint = (colour: Colour) => string;

/** Colours of a page that defines the palette as custom properties: they follow its theme. */
export const themePaint: Paint = (colour) => (typeof colour === 'number' ? rising(colour) : `var(--${colour})`);

/** Colours of a file, which is drawn on white. */
export const paperPaint: Paint = (colour) => {
  if (typeof colour !== 'number') return PALETTE[colour]?.[0] ?? '#000000';
  const { below, share } = stopOf(colour);
  const [a, b] = [channels(below), channels(below + 1)];
  return `#${a.map((value, i) => hex(value + share * ((b[i] ?? value) - value))).join('')}`;
};

/** Returns a CSS colour between the stops of the rising scale. */
export function rising(share: number): string {
  const { below, share: rest } = stopOf(share);
  return `color-mix(in oklab, var(--rising-${below + 1}) ${Math.round(rest * 1000) / 10}%, var(--rising-${below}))`;
}

function stopOf(share: number): { readonly below: number; readonly share: number } {
  const at = Math.min(1, Math.max(0, share)) * (RISING.length - 1);
  const below = Math.min(RISING.length - 2, Math.floor(at));
  return { below, share: at - below };
}

const channels = (stop: number): number[] => (RISING[stop]?.[0].match(/\w\w/g) ?? []).map((pair) => Number.parseInt(pair, 16));
const hex = (value: number): string => Math.round(value).toString(16).padStart(2, '0');

/** The custom properties that `themePaint` needs, as declarations of CSS. */
export const PALETTE_CSS = [
  ...Object.entries(PALETTE).map(([name, [light, dark]]) => `--${name}: light-dark(${light}, ${dark});`),
  ...RISING.map(([light, dark], i) => `--rising-${i}: light-dark(${light}, ${dark});`),
].join(' ');
