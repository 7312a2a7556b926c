/** A box that scrolls content wider than the page, and is reachable by keyboard. */
import type { ComponentChildren } from 'preact';

type Named = { readonly label: string; readonly labelledBy?: never } | { readonly labelledBy: string; readonly label?: never };

export function ScrollingTable({
  label,
  labelledBy,
  isTall = false,
  children,
}: Named & { readonly isTall?: boolean; readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class={isTall ? 'table tall' : 'table'} tabIndex={0} aria-label={label} aria-labelledby={labelledBy}>
      {children}
    </section>
  );
}
