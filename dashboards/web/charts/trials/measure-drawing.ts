/** Performance measures of drawings, named `draw parallel`, `draw scatter`, … */

/**
 * Starts a measure and returns the function that ends it. Only the last one of each name is kept.
 */
export function measureDrawing(view: string, { rows, known }: { readonly rows: number; readonly known: number }): () => void {
  const start = performance.now();
  return () => {
    const name = `draw ${view}`;
    performance.clearMeasures(name);
    performance.measure(name, { start, end: performance.now(), detail: { rows, known } });
  };
}
