import svelte from 'eslint-plugin-svelte';
import ts from 'typescript-eslint';

import config from './svelte.config.js';

export default ts.config(
  {
    ignores: ['build/', '.svelte-kit/', 'node_modules/', 'test-results/', 'playwright-report/', 'src/api/schema.d.ts'],
  },
  ...ts.configs.strict,
  ...svelte.configs.recommended,
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'], svelteConfig: config } },
    rules: {
      // every link is made by src/routing.ts; there is no base path to resolve against
      'svelte/no-navigation-without-resolve': 'off',
      // users' words are text: nothing is ever inserted as HTML
      'svelte/no-at-html-tags': 'error',
      'svelte/require-each-key': 'error',
      'svelte/button-has-type': 'error',
    },
  },
  {
    rules: {
      'no-console': 'error',
      eqeqeq: 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
    },
  },
  {
    // what stands in ui and charts knows nothing of consultations, languages, the network or the address bar
    files: ['src/ui/**', 'src/charts/**'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['$api/*', '$i18n/*', '$components/*', '$app/*', '**/routing'] }],
    },
  },
);
