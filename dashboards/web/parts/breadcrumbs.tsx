/** What a page stands below, from the outermost on. The page itself is its heading. */

/** `of`: addresses and names. */
export function Breadcrumbs({ of }: { readonly of: readonly (readonly [string, string])[] }) {
  return (
    <nav class="crumbs" aria-label="Breadcrumb">
      <ol>
        {of.map(([address, name]) => (
          <li key={address}>
            <a href={address}>{name}</a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
