/** How each method is shown, in a terminal, a chart and a page. */
import { type Cell, METHODS, type Method } from '../models/methods/catalogue.ts';

export type MarkShape = 'disc' | 'square' | 'triangle';

interface MethodStyle {
  readonly label: string;
  /** Colours of marks and lines, on white and on dark pages. */
  readonly color: string;
  readonly darkColor: string;
  readonly shape: MarkShape;
  /** SVG path of the mark in a box of -5 to 5. */
  readonly mark: string;
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
    shape: 'disc',
    mark: 'M4 0a4 4 0 1 1-8 0a4 4 0 1 1 8 0z',
    dash: '',
  },
  eca: { label: 'ECA', color: '#c04f00', darkColor: '#ff8f4a', shape: 'square', mark: 'M-3.6-3.6h7.2v7.2h-7.2z', dash: '6 3' },
  nnca: { label: 'NNCA', color: '#007a58', darkColor: '#2fc79b', shape: 'triangle', mark: 'M0-4.6L4.5 3.5h-9z', dash: '2 3' },
};

/** Style sheet of the pages: `--<method>`, and `--method` on elements with a method's class. */
export const METHOD_CSS = METHODS.map((method) => {
  const { color, darkColor } = METHOD_STYLES[method];
  return `:root { --${method}: light-dark(${color}, ${darkColor}); } .${method} { --method: var(--${method}); }`;
}).join('\n');

/** 'EDNN, k = 2'. */
export const cellLabel = ({ method, k }: Cell): string => `${METHOD_STYLES[method].label}, k = ${k}`;
