import { defineConfig } from 'vitest/config';

declare module 'vitest' {
  interface ProvidedContext {
    /** True under `npm test -- --update`: expected blocks of documents and generated files are rewritten instead of compared. */
    readonly update: boolean;
    /** True under `npm run crash`, `npm run laws` and `npm run site`: every interruption point, case and page, instead of a sample of them. */
    readonly thorough: boolean;
  }
}

export default defineConfig({
  test: {
    include: ['tests/**/*.test.ts'],
    globalSetup: 'tests/scratch.ts',
    // Ten times faster than a process a file; tests share nothing anyway, since the code under test has no module-level state.
    pool: 'threads',
    isolate: false,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    provide: {
      update: process.argv.includes('--update') || process.argv.includes('-u'),
      thorough: ['crash', 'laws', 'site'].includes(process.env.npm_lifecycle_event ?? ''),
    },
  },
});
