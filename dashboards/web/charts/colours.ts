/** Colours of style sheets for what draws on a canvas. */
/** What a CSS colour is now, in a form that a canvas takes. */
export function resolved(colour: string): string {
  const probe = document.createElement('span');
  probe.style.color = colour;
  probe.hidden = true;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
}

const known = new Map<string, string>();

/** A computed colour as #rrggbb, for what reads no other: three, and programs that open a saved picture. */
export function hexOf(colour: string): string {
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
