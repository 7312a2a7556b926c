/** The files of the pages: what Vite has built, as it lies in one folder. */
import { readdir, readFile } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Context } from 'hono';
import { getMimeType } from 'hono/utils/mime';
import { problemResponse } from './problem-response.ts';

/** Where the files are; the first who asks may wait for their being built. */
export interface PageBundle {
  folder(): Promise<string>;
}

const HASHED = '/assets/';
const YEAR_SECONDS = 31_536_000;

/** Answers for every address that is not the API's: a file, or the one page that finds out itself what its address means. */
export function serveAssets(pages: PageBundle, log: (error: unknown) => void): (context: Context) => Promise<Response> {
  let known: Promise<{ folder: string; names: ReadonlySet<string> }> | null = null;
  const list = async () => {
    const folder = await pages.folder();
    const entries = await readdir(folder, { recursive: true, withFileTypes: true });
    const files = entries
      .filter((entry) => entry.isFile())
      .map(({ parentPath, name }) => relative(folder, join(parentPath, name)));
    // An address is looked up among these: no address can name a file that is none of them.
    return { folder, names: new Set(files.map((file) => `/${file.split(sep).join('/')}`)) };
  };
  return async (context) => {
    known ??= list();
    try {
      const { folder, names } = await known;
      const { path } = context.req;
      if (names.has(path) && path !== '/index.html') {
        const control = path.startsWith(HASHED) ? `public, max-age=${YEAR_SECONDS}, immutable` : 'no-cache';
        return send(context, folder, path, control);
      }
      if (path.startsWith(HASHED) || !isPage(context)) {
        return problemResponse(context, 404, { code: 'page-unknown', detail: 'there is no such file' });
      }
      return send(context, folder, '/index.html', 'no-cache');
    } catch (error) {
      known = null;
      log(error);
      return problemResponse(context, 503, {
        code: 'pages-missing',
        detail: 'the pages could not be built; the API answers all the same',
        fix: 'the log of this server tells why',
      });
    }
  };
}

/** A browser says what it wants a file for; whoever says nothing may have the page. */
function isPage(context: Context): boolean {
  const wanted = context.req.header('sec-fetch-dest');
  return wanted === undefined || wanted === 'document' || wanted === 'empty';
}

async function send(context: Context, folder: string, path: string, control: string): Promise<Response> {
  const bytes = await readFile(join(folder, path));
  return context.body(bytes, 200, {
    'content-type': getMimeType(path) ?? 'application/octet-stream',
    'content-length': String(bytes.byteLength),
    'cache-control': control,
  });
}
