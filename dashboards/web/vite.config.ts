import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** `npx vite dashboards/web` serves the pages with the API of a running `narrows serve`. */
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
    rolldownOptions: {
      // Warnings must mean something: how long a plug-in took depends on the machine.
      checks: { pluginTimings: false },
      output: {
        codeSplitting: {
          groups: [
            // Small files that nearly every page needs: one request is faster than many.
            {
              name: 'shared',
              test: /[\\/](?:preact|preact-iso|@preact)[\\/]|[\\/]web[\\/](?:api|parts|state|style)[\\/]|[\\/]text[\\/](?:names|methods|format)\.ts$/,
            },
            {
              name: 'charts',
              test: /[\\/]web[\\/]charts[\\/](?:colours|size|canvas|panel)\.tsx?$|[\\/]figures[\\/](?:rendering[\\/](?:draw|layout|palette|svg)|model|numbers)\.ts$|[\\/]d3-(?:scale|shape)[\\/]/,
            },
          ],
        },
      },
    },
  },
  server: { proxy: { '/api': 'http://127.0.0.1:8622', '/openapi.json': 'http://127.0.0.1:8622' } },
});
