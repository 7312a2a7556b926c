/** A small chart of a few numbers. */

const WIDTH = 120;
const HEIGHT = 28;

/** `label`: text alternative. */
export function Sparkline({ values, label }: { readonly values: readonly number[]; readonly label: string }) {
  const top = Math.max(1, ...values);
  const at = (value: number, i: number) =>
    `${((i / Math.max(1, values.length - 1)) * (WIDTH - 2) + 1).toFixed(1)} ${(HEIGHT - 2 - (value / top) * (HEIGHT - 4)).toFixed(1)}`;
  const line = values.map((value, i) => `${i === 0 ? 'M' : 'L'}${at(value, i)}`).join('');
  return (
    <svg class="sparkline icon" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} width={WIDTH} height={HEIGHT} role="img" aria-label={label}>
      <title>{label}</title>
      {values.length > 0 && (
        <>
          <path class="area" d={`${line}L${WIDTH - 1} ${HEIGHT - 1}L1 ${HEIGHT - 1}Z`} />
          <path d={line} />
        </>
      )}
    </svg>
  );
}
