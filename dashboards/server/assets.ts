/** Serves the files of the pages, as built by Vite. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Context } from 'hono';
import { getMimeType } from 'hono/utils/mime';
import { isPagePath } from '../contract/pages.ts';
import { IMMUTABLE } from './middleware/etag.ts';
import { problemResponse } from './problem-response.ts';

export interface PageBundle {
  /** Resolves to the folder of the files, once they are built. */
  folder(): Promise<string>;
}

/** Files with a content hash in their name. */
const HASHED = '/assets/';

/**
 * Serves every path outside the API: a file, or index.html where the path is that of a page, which
 * routes in the browser. A browser that opens another path gets index.html, too, with status 404,
 * which says that the page does not exist.
 */
export function serveAssets(pages: PageBundle, log: (error: unknown) => void): (context: Context) => Promise<Response> {
  let known: Promise<{ folder: string; names: ReadonlySet<string> }> | null = null;
  const list = async () => {
    const folder = await pages.folder();
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
    // Paths are looked up in this set, so that none can escape the folder.
    return { folder, names: new Set(files.map((file) => `/${file.split(sep).join('/')}`)) };
  };
  return async (context) => {
    known ??= list();
    const built = await known.catch((error) => {
      known = null;
      log(error);
    });
    if (!built) {
      const detail = 'the pages could not be built; the API is available';
      return problemResponse(context, 503, { code: 'pages-missing', detail, fix: 'see the log of the server' });
    }
    const { path } = context.req;
    const isFile = built.names.has(path) && path !== '/index.html';
    const isPage = (isPagePath(path) || path === '/index.html') && acceptsPage(context);
    if (!isFile && !isPage && !(opensPage(context) && !path.startsWith(HASHED)))
      return problemResponse(context, 404, { code: 'page-unknown', detail: 'there is no such page' });
    const file = isFile ? path : '/index.html';
    const bytes = await readFile(join(built.folder, file));
    return context.body(bytes, isFile || isPage ? 200 : 404, {
      'content-type': getMimeType(file) ?? 'application/octet-stream',
      'content-length': String(bytes.byteLength),
      'cache-control': file.startsWith(HASHED) ? `public, ${IMMUTABLE}` : 'no-cache',
    });
  };
}

/** Whether a browser asks for what it is going to show. */
const opensPage = (context: Context): boolean => context.req.header('sec-fetch-dest') === 'document';

/** Whether the request accepts a page, by what the browser says it is for. */
function acceptsPage(context: Context): boolean {
  const destination = context.req.header('sec-fetch-dest');
  return destination === undefined || destination === 'document' || destination === 'empty';
}
