/** How each method is shown, in a terminal, a chart and a page. */
import { type Cell, METHODS, type Method } from '../models/methods/catalogue.ts';

interface MethodStyle {
  readonly label: string;
  /** Colours of marks and lines, on white and on dark pages. */
  readonly color: string;
  readonly darkColor: string;
  /** SVG path of the mark in a box of -5 to 5. */
  readonly mark: string;
  /** Returns whether a point is within the mark; x and y (down) from its centre, in radii. */
  readonly covers: (x: number, y: number) => boolean;
  /** `stroke-dasharray` of lines. */
  readonly dash: string;
}

/**
 * Colours are of Okabe and Ito's palette, which people with colour vision deficiencies distinguish,
 * darkened or lightened to a contrast of 4.5 to 1; the marks (disc, square, triangle) distinguish
 * the methods without colour.
 */
export const METHOD_STYLES: Readonly<Record<Method, MethodStyle>> = {
  ednn: {
    label: 'EDNN',
    color: '#0072b2',
    darkColor: '#56b4e9',
    mark: 'M4 0a4 4 0 1 1-8 0a4 4 0 1 1 8 0z',
    covers: (x, y) => x * x + y * y <= 1,
    dash: '',
  },
  eca: {
    label: 'ECA',
    color: '#c04f00',
    darkColor: '#ff8f4a',
    mark: 'M-3.6-3.6h7.2v7.2h-7.2z',
    covers: (x, y) => Math.abs(x) <= 0.9 && Math.abs(y) <= 0.9,
    dash: '6 3',
  },
  nnca: {
    label: 'NNCA',
    color: '#007a58',
    darkColor: '#2fc79b',
    mark: 'M0-4.6L4.5 3.5h-9z',
    covers: (x, y) => y <= 0.85 && y >= -1.15 && Math.abs(x) <= (y + 1.15) * 0.58,
    dash: '2 3',
  },
};

/** Style sheet of the pages: `--<method>`, and `--method` on elements with a method's class. */
export const METHOD_CSS = METHODS.map((method) => {
  const { color, darkColor } = METHOD_STYLES[method];
  return `:root { --${method}: light-dark(${color}, ${darkColor}); } .${method} { --method: var(--${method}); }`;
}).join('\n');

/** 'EDNN, k = 2'. */
export const cellLabel = ({ method, k }: Cell): string => `${METHOD_STYLES[method].label}, k = ${k}`;
