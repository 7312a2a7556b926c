/** Downloads of CSV, SVG and PNG files. */
import type { Cell, Table } from '../../../figures/model.ts';
import { toHex } from '../charts/colours.ts';

/** Formats CSV (RFC 4180) with full precision; null is an empty field. */
export function formatCsv({ head, rows }: Table): string {
  const cell = (value: Cell) => {
    const text = String(value ?? '');
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

export function downloadText(name: string, type: string, text: string): void {
  saveBlob(name, new Blob([text], { type }));
}

function saveBlob(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // By then the browser has read the URL.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Properties that style sheets set, which a file must contain. */
const STYLED = [
  'fill',
  'stroke',
  'stroke-width',
  'stroke-dasharray',
  'opacity',
  'font-family',
  'font-size',
  'font-weight',
  'text-anchor',
];

/** Returns a copy of a panel with its computed styles inlined. */
function inlineStyles(svg: SVGSVGElement): SVGSVGElement {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  originals.forEach((original, i) => {
    const style = getComputedStyle(original);
    for (const property of STYLED) {
      const value = style.getPropertyValue(property);
      // Mixed colours are computed in colour spaces that other programs do not support.
      copies[i]?.style.setProperty(property, /^(?:oklab|oklch|color)\(/.test(value) ? toHex(value) : value);
    }
  });
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  return copy;
}

/** Downloads all panels of a chart as one SVG, in their layout on the page. */
export function downloadSvg(name: string, panels: readonly SVGSVGElement[]): void {
  const frames = panels.map((panel) => panel.getBoundingClientRect());
  const [left, top] = [Math.min(...frames.map((frame) => frame.left)), Math.min(...frames.map((frame) => frame.top))];
  const image = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  image.setAttribute('width', String(Math.max(...frames.map((frame) => frame.right)) - left));
  image.setAttribute('height', String(Math.max(...frames.map((frame) => frame.bottom)) - top));
  image.style.background = getComputedStyle(document.body).backgroundColor;
  panels.forEach((panel, i) => {
    const { left: x, top: y } = frames[i] as DOMRect;
    const copy = inlineStyles(panel);
    copy.setAttribute('x', String(x - left));
    copy.setAttribute('y', String(y - top));
    image.append(copy);
  });
  downloadText(name, 'image/svg+xml', new XMLSerializer().serializeToString(image));
}

/** Downloads every canvas of a chart as one PNG, in their layout on the page. */
export async function downloadPng(name: string, chart: HTMLElement): Promise<void> {
  const frame = chart.getBoundingClientRect();
  const scale = devicePixelRatio;
  const image = document.createElement('canvas');
  image.width = Math.round(frame.width * scale);
  image.height = Math.round(frame.height * scale);
  const context = image.getContext('2d');
  if (!context) return;
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, image.width, image.height);
  for (const canvas of chart.querySelectorAll('canvas')) {
    const at = canvas.getBoundingClientRect();
    context.drawImage(canvas, (at.left - frame.left) * scale, (at.top - frame.top) * scale, at.width * scale, at.height * scale);
  }
  const blob = await new Promise<Blob | null>((resolve) => image.toBlob(resolve, 'image/png'));
  if (blob) saveBlob(name, blob);
}
