import { defineConfig } from '@playwright/test';

import { chromium } from './e2e/support/browser';

// The journeys run against a real server: `make test` starts one and tells its address.
export default defineConfig({
  testDir: 'e2e',
  testMatch: '*.spec.ts',
  outputDir: 'test-results',
  forbidOnly: !!process.env.CI,
  retries: 0,
  workers: 1,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  use: { ...chromium, baseURL: process.env.E2E_BASE_URL ?? 'http://127.0.0.1:8080', trace: 'retain-on-failure' },
});
