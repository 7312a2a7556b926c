import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** `npx vite dashboards/web` serves the pages while you write them; the API is that of a running `narrows serve`. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 700,
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8622', '/openapi.json': 'http://127.0.0.1:8622' } },
});
