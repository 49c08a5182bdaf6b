import { defineConfig } from 'vitest/config';

export default defineConfig({
  // As HubSpot's bundler has it: `React` is in scope of every file with tags.
  esbuild: { jsx: 'transform' },
  test: { include: ['tests/**/*.test.{ts,tsx}'], setupFiles: ['tests/setup.ts'] },
});
