/** Restores scroll positions on going back; browsers do so before a page has its content. */
import { readStored, store } from './storage.ts';

const KEY = 'narrows-scroll';
/** Duration for which a position is enforced while the page loads, unless the user scrolls. */
const ENFORCE_MS = 2000;
const MAX_PAGES = 100;

/** Vertical offsets in pixels by path and query. */
type Offsets = Record<string, number>;

const currentUrl = () => location.pathname + location.search;

export function preserveScroll(): void {
  history.scrollRestoration = 'manual';
  // Read lazily: a newly opened page needs no position, and should not wait for the storage.
  let known: Offsets | null = null;
  const offsets = () => {
    known ??= (readStored(KEY) ?? {}) as Offsets;
    return known;
  };
  let enforcedUntil = 0;
  let wanted = 0;

  const record = () => {
    if (Date.now() < enforcedUntil) return;
    delete offsets()[currentUrl()];
    offsets()[currentUrl()] = Math.round(scrollY);
  };
  const enforce = () => {
    if (Date.now() >= enforcedUntil) return;
    if (Math.abs(scrollY - wanted) > 1) scrollTo(0, wanted);
    requestAnimationFrame(enforce);
  };
  const restore = () => {
    wanted = offsets()[currentUrl()] ?? 0;
    enforcedUntil = Date.now() + ENFORCE_MS;
    requestAnimationFrame(enforce);
  };
  const interrupt = () => {
    enforcedUntil = 0;
  };

  addEventListener('scroll', record, { passive: true });
  addEventListener('popstate', restore);
  for (const input of ['wheel', 'touchstart', 'keydown', 'pointerdown'] as const)
    addEventListener(input, interrupt, { passive: true, capture: true });
  addEventListener('pagehide', () => {
    record();
    store(KEY, Object.fromEntries(Object.entries(offsets()).slice(-MAX_PAGES)));
  });
  if ((performance.getEntriesByType('navigation')[0] as PerformanceNavigationTiming | undefined)?.type !== 'navigate') restore();
}
