/** SVG as a tree of plain values, which becomes text in files and elements in pages. */

export interface SvgNode {
  readonly tag: string;
  readonly attributes: Readonly<Record<string, string | number | undefined>>;
  readonly children: readonly SvgChild[];
}

export type SvgChild = SvgNode | string;

export const svg = (tag: string, attributes: SvgNode['attributes'] = {}, ...children: readonly SvgChild[]): SvgNode => ({
  tag,
  attributes,
  children,
});

export function escapeXml(content: string): string {
  return content.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Returns an element as text; attributes that are undefined are left out. */
export function svgText(child: SvgChild): string {
  if (typeof child === 'string') return escapeXml(child);
  const attributes = Object.entries(child.attributes)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => ` ${name}="${escapeXml(String(value))}"`)
    .join('');
  const { tag, children } = child;
  return children.length === 0 ? `<${tag}${attributes}/>` : `<${tag}${attributes}>${children.map(svgText).join('')}</${tag}>`;
}
