import adapter from '@sveltejs/adapter-static';

/** @type {import('@sveltejs/kit').Config} */
export default {
  kit: {
    // pages whose path holds a reference or an id have no file: the server answers them with the shell, 200.html
    adapter: adapter({ fallback: '200.html', precompress: true }),
    alias: { $api: 'src/api', $charts: 'src/charts', $components: 'src/components', $i18n: 'src/i18n', $ui: 'src/ui' },
    // the shell is served at any depth
    paths: { relative: false },
    csp: {
      mode: 'hash',
      directives: {
        'default-src': ['none'],
        'script-src': ['self'],
        'style-src': ['self'],
        // SvelteKit's route announcer and our charts carry their colours in a style attribute
        'style-src-attr': ['unsafe-inline'],
        'img-src': ['self', 'data:'],
        'font-src': ['self'],
        'connect-src': ['self'],
        'manifest-src': ['self'],
        'form-action': ['self'],
        'base-uri': ['none'],
        'object-src': ['none'],
      },
    },
    prerender: { handleHttpError: 'fail', handleMissingId: 'fail' },
    typescript: {
      config: (config) => {
        config.include.push('../e2e/**/*.ts', '../*.config.ts');
      },
    },
  },
};
