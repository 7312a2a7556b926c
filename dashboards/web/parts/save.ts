/** Files that a page hands to a person: CSV, SVG, PNG. */
import type { Table } from './figure.tsx';

/** RFC 4180; numbers in full, what is missing empty. */
export function csvOf({ head, rows }: Table): string {
  const cell = (value: string | number | null) => {
    const text = value === null ? '' : String(value);
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  return [head, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

export function saveText(name: string, type: string, text: string): void {
  saveBlob(name, new Blob([text], { type }));
}

function saveBlob(name: string, blob: Blob): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  // The browser has taken hold of the address by then.
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** What of a shape is painted by style sheets, which a file does not have with it. */
const PAINTED = [
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

export function standalone(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll<SVGElement>('*')];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  originals.forEach((original, i) => {
    const style = getComputedStyle(original);
    for (const property of PAINTED) copies[i]?.style.setProperty(property, style.getPropertyValue(property));
  });
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.style.background = getComputedStyle(document.body).backgroundColor;
  return new XMLSerializer().serializeToString(copy);
}

export function saveSvg(name: string, svg: SVGSVGElement): void {
  saveText(name, 'image/svg+xml', standalone(svg));
}

/** Every canvas of the chart, one above the other as they lie on the page. */
export async function savePng(name: string, chart: HTMLElement): Promise<void> {
  const frame = chart.getBoundingClientRect();
  const scale = devicePixelRatio;
  const whole = document.createElement('canvas');
  whole.width = Math.round(frame.width * scale);
  whole.height = Math.round(frame.height * scale);
  const context = whole.getContext('2d');
  if (!context) return;
  context.fillStyle = getComputedStyle(document.body).backgroundColor;
  context.fillRect(0, 0, whole.width, whole.height);
  for (const canvas of chart.querySelectorAll('canvas')) {
    const at = canvas.getBoundingClientRect();
    context.drawImage(canvas, (at.left - frame.left) * scale, (at.top - frame.top) * scale, at.width * scale, at.height * scale);
  }
  const blob = await new Promise<Blob | null>((resolve) => whole.toBlob(resolve, 'image/png'));
  if (blob) saveBlob(name, blob);
}
