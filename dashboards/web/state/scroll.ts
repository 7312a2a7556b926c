/** Going back shows a page where it was left. The browser's own way does it before the page has its content, and ends up at the top. */

const KEY = 'narrows-scroll';
/** How long the place is held while the page gets its content, unless a person does something. */
const PATIENCE_MS = 2000;
const MOST_PAGES = 100;

type Places = Record<string, number>;

const here = () => location.pathname + location.search;

export function preserveScroll(): void {
  history.scrollRestoration = 'manual';
  // Read when it is first needed: a page that is opened anew has no place to go to, and should not wait for the storage.
  let known: Places | null = null;
  const places = () => {
    known ??= stored();
    return known;
  };
  let until = 0;
  let wanted = 0;

  const remember = () => {
    if (Date.now() < until) return;
    delete places()[here()];
    places()[here()] = Math.round(scrollY);
  };
  const restore = () => {
    if (Date.now() >= until) return;
    if (Math.abs(scrollY - wanted) > 1) scrollTo(0, wanted);
    requestAnimationFrame(restore);
  };
  const begin = () => {
    wanted = places()[here()] ?? 0;
    until = Date.now() + PATIENCE_MS;
    requestAnimationFrame(restore);
  };
  const interrupt = () => {
    until = 0;
  };

  addEventListener('scroll', remember, { passive: true });
  addEventListener('popstate', begin);
  for (const act of ['wheel', 'touchstart', 'keydown', 'pointerdown'] as const)
    addEventListener(act, interrupt, { passive: true, capture: true });
  addEventListener('pagehide', () => {
    remember();
    store(places());
  });
  if ((performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined)?.type !== 'navigate') begin();
}

function stored(): Places {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) ?? '{}') as Places;
  } catch {
    return {};
  }
}

function store(places: Places): void {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(Object.fromEntries(Object.entries(places).slice(-MOST_PAGES))));
  } catch {
    // Without storage a reload starts at the top.
  }
}
