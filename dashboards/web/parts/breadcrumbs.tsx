/** Links to the pages above this one, outermost first. The page itself is its heading. */
export function Breadcrumbs({ of }: { readonly of: readonly (readonly [path: string, name: string])[] }) {
  return (
    <nav class="crumbs" aria-label="Breadcrumb">
      <ol>
        {of.map(([path, name]) => (
          <li key={path}>
            <a href={path}>{name}</a>
          </li>
        ))}
      </ol>
    </nav>
  );
}
