import { defineConfig } from 'vitest/config'

const kind = (
  name: string,
  include: string[],
  testTimeout = 30_000,
  globalSetup: string[] = [],
) => ({
  test: { name, include, testTimeout, hookTimeout: 60_000, globalSetup },
})

/** One project for each kind of test; test/run.mjs prints how many of each ran. */
export default defineConfig({
  test: {
    projects: [
      kind('unit', [
        'test/{queue,store,keys,runtime,service,web,gate,page,local,functions,cli,bench}/**/*.test.ts',
      ]),
      kind('rehearsal', ['test/rehearsal/**/*.test.ts'], 240_000),
      kind('simulation', ['test/simulation/**/*.test.ts'], 240_000),
      kind('contract', ['test/contract/**/*.test.ts'], 60_000),
      kind('architecture', ['test/architecture/**/*.test.ts']),
      kind('stack', ['test/constructs/**/*.test.ts'], 180_000),
      kind('walk', ['test/walk/**/*.test.ts'], 120_000),
      kind('bundles', ['test/bundles/**/*.test.ts'], 120_000, ['test/bundles/synthesise.ts']),
      kind('browser', ['test/browser/**/*.test.ts'], 120_000),
    ],
  },
})
