import config from './playwright.config';

// `make screenshots`: a picture of every page, to be looked at. Not a test: nothing is compared.
export default { ...config, testDir: 'e2e/screenshots', testMatch: '*.shots.ts' };
