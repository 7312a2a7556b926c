/** What may be wider than the page scrolls in a box of its own, which the keyboard reaches. */
import type { ComponentChildren } from 'preact';

type Named = { readonly label: string; readonly labelledBy?: never } | { readonly labelledBy: string; readonly label?: never };

export function ScrollingTable({ label, labelledBy, children }: Named & { readonly children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section class="table" tabIndex={0} aria-label={label} aria-labelledby={labelledBy}>
      {children}
    </section>
  );
}
