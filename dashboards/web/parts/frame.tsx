/** What every page stands in: a link past the navigation, the navigation, the page. */
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import { useLocation } from 'preact-iso';

const PLACES = [
  ['/', 'Sweeps'],
  ['/compare', 'Compare'],
  ['/datasets', 'Datasets'],
  ['/system', 'System'],
] as const;

export function Frame({ children }: { readonly children: ComponentChildren }) {
  const { path } = useLocation();
  const isHere = (place: string) => (place === '/' ? path === '/' || path.startsWith('/sweeps') : path.startsWith(place));
  return (
    <>
      <a class="skip" href="#main">
        To the content
      </a>
      <header class="bar">
        <a class="brand" href="/">
          narrows
        </a>
        <nav aria-label="Main">
          {PLACES.map(([place, name]) => (
            <a key={place} href={place} aria-current={isHere(place) ? 'page' : undefined}>
              {name}
            </a>
          ))}
        </nav>
      </header>
      <main id="main" tabindex={-1}>
        {children}
      </main>
    </>
  );
}

/** The page's heading, which is also the title of the window. */
export function Title({ children, window }: { readonly children: ComponentChildren; readonly window?: string }) {
  const text = window ?? (typeof children === 'string' ? children : '');
  useEffect(() => {
    document.title = text === '' ? 'narrows' : `${text} · narrows`;
  }, [text]);
  return <h1>{children}</h1>;
}
