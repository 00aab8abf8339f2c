import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

/** Where `npx vite apps/web` finds a hub while the page is being worked on. */
const DEVELOPMENT_HUB = 'http://127.0.0.1:8640';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    // Our libraries only declare: so the drawing code comes with the pages that draw, not with the first one.
    rolldownOptions: { treeshake: { moduleSideEffects: [{ test: /\/libs\//, sideEffects: false }] } },
  },
  server: {
    proxy: {
      '^/(graphql|events|objects)': DEVELOPMENT_HUB,
      '^/studies/[^/]+/bundle$': DEVELOPMENT_HUB,
    },
  },
});
