/** How long views take, where a browser's own tools and the measurements of this project look: `draw parallel`, `draw scatter`, … */

/** To be called when the drawing begins; call what it returns when it is on the canvas. Only the last of each name is kept. */
export function drawn(view: string, { rows, known }: { readonly rows: number; readonly known: number }): () => void {
  const start = performance.now();
  return () => {
    const name = `draw ${view}`;
    performance.clearMeasures(name);
    performance.measure(name, { start, end: performance.now(), detail: { rows, known } });
  };
}
