/** Paths of the pages: the server answers these with the page, and no others. */

const PAGE_PATHS = [
  '/',
  '/sweeps/new',
  '/sweeps/:sweep',
  '/sweeps/:sweep/interpretation',
  '/trials/:trial',
  '/trials/:trial/explore',
  '/compare',
  '/datasets',
  '/datasets/:name/:version',
  '/retrainings',
  '/retrainings/:retraining',
  '/retrainings/:retraining/runs/:run',
  '/champions',
  '/champions/:champion',
  '/system',
  '/sign-in',
] as const;

export type PagePath = (typeof PAGE_PATHS)[number];

const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '');

const PATTERNS = PAGE_PATHS.map(segmentsOf);

/** Whether a path of a URL is one of a page, as the router of the pages reads it. */
export function isPagePath(path: string): boolean {
  const segments = segmentsOf(path);
  return PATTERNS.some(
    (pattern) => pattern.length === segments.length && pattern.every((part, i) => part.startsWith(':') || part === segments[i]),
  );
}
